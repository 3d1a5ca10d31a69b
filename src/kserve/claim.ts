/** What is known of the PersistentVolumeClaim that a service reads its model from. */

/** The claim of a service's storageUri, as far as it could be read. */
export type ClaimOutcome =
  | {
      readonly status: 'found';
      readonly name: string;
      readonly accessModes: readonly string[];
      readonly phase: string | null;
    }
  | { readonly status: 'missing'; readonly name: string }
  /** It could not be read, or nothing was there to read from. `cause` is one line. */
  | { readonly status: 'unchecked'; readonly name: string; readonly cause: string }
  /** The service names no claim. */
  | { readonly status: 'none' };
