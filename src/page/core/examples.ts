/** The manifests that the page offers, written into it when it is built. */
export interface Example {
  /** As in the address: `?example=guide-case-1`. */
  readonly id: string;
  readonly title: string;
  readonly manifest: string;
  /** Runtimes and claims of its cluster. */
  readonly catalog: string;
}
