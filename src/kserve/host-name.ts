/** The host name that KServe makes for the predictor (docs/kserve.md, Derived names). */
import type { KServeFacts } from './gpus.ts';

/** What KServe uses where its ConfigMap says nothing else. */
const DEFAULT_TEMPLATE = '{{ .Name }}-{{ .Namespace }}.{{ .IngressDomain }}';
const DEFAULT_DOMAIN = 'example.com';
const FIELD = /\{\{-?\s*\.(Name|Namespace|IngressDomain)\s*-?\}\}/g;

/**
 * @param name of the service
 * @returns the host name; null where the template of the ConfigMap asks for more than name, namespace and domain
 */
export function hostName(name: string, namespace: string, kserve: KServeFacts): string | null {
  const values: Readonly<Record<string, string>> = {
    Name: `${name}-predictor`,
    Namespace: namespace,
    IngressDomain: kserve.ingressDomain ?? DEFAULT_DOMAIN,
  };
  const host = (kserve.domainTemplate ?? DEFAULT_TEMPLATE).replace(
    FIELD,
    (_all, key: string) => values[key] ?? '',
  );
  return host.includes('{{') ? null : host;
}
