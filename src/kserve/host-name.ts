/** The host name that KServe makes for the predictor (docs/kserve.md, Derived names). */
import type { KServeFacts } from './gpus.ts';

/** What KServe uses where its ConfigMap says nothing else. */
const DEFAULT_DOMAIN = 'example.com';
const FIELD = /\{\{-?\s*\.(Name|Namespace|IngressDomain)\s*-?\}\}/g;

/**
 * @param name of the service
 * @returns the host name; null where the template of the ConfigMap asks for more than name, namespace and domain
 */
export function hostName(name: string, namespace: string, kserve: KServeFacts): string | null {
  const { domainTemplate, ingressDomain = DEFAULT_DOMAIN } = kserve;
  const predictor = `${name}-predictor`;
  // KServe's own template is {{ .Name }}-{{ .Namespace }}.{{ .IngressDomain }}.
  const host =
    domainTemplate === undefined
      ? `${predictor}-${namespace}.${ingressDomain}`
      : filled(domainTemplate, { Name: predictor, Namespace: namespace, IngressDomain: ingressDomain });
  return host.includes('{{') ? null : host;
}

function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(FIELD, (_all, key: string) => values[key] ?? '');
}
