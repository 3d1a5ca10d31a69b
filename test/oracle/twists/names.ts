/** Names on both sides of their limits, and the host name that is made of them. */
import { predictorOf, type Twist, type World } from './world.ts';

/** Also of the runtimes, which are in the service's namespace. */
function moveTo(namespace: string, { service, runtimes }: World): void {
  service.metadata.namespace = namespace;
  for (const runtime of runtimes)
    if (runtime.kind === 'ServingRuntime') runtime.metadata.namespace = namespace;
}

export const names: Readonly<Record<string, Twist>> = {
  longName: ({ service }, pick) => {
    service.metadata.name = 'l'.repeat(pick([36, 40, 41, 42, 48, 49, 50, 63]));
  },
  longNamespace: (world, pick) => moveTo('n'.repeat(pick([11, 12, 48, 49, 50, 63])), world),
  oddName: ({ service }, pick) => {
    service.metadata.name = pick([
      'llama-predictor',
      '1llama',
      'llama-',
      'Llama',
      'll.ama',
      'predictor',
      'a',
    ]);
  },
  predictorName: (world, pick) => {
    predictorOf(world).name = pick(['llama', 'predictor', '']);
  },
  domainTemplate: ({ configMap }, pick) => {
    configMap['ingress'] = JSON.stringify({
      ingressGateway: 'knative-serving/knative-ingress-gateway',
      kserveIngressGateway: 'kserve/kserve-ingress-gateway',
      ingressDomain: 'example.com',
      domainTemplate: pick([
        '{{ .Name }}-{{ .Namespace }}.{{ .IngressDomain }}',
        '{{ .Name }}.{{ .Namespace }}.{{ .IngressDomain }}',
      ]),
    });
  },
};
