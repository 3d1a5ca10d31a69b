/** The shape that the policies and their bindings have in common. */
export const API = 'admissionregistration.k8s.io/v1';

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}
