/**
 * The model lies on a persistent volume claim.
 *
 * Reads: storageUri and storage of the service's model, and predictor.storageUris.
 * Allowed: pvc://<claim> with an optional path, the claim a DNS-1123 subdomain; further protocols by
 * configuration (storage.protocols); oci:// too on Red Hat's fork, and never on KServe 0.15.
 * Denied beside it: storage.path and predictor.storageUris, since KServe takes one of the three only.
 * Why: every pod of the service loads the model. With a claim they read one copy; any other protocol would
 * download it once for each pod, and KServe refuses what is neither pvc nor oci, without saying what it found.
 * Source: docs/kserve.md, The guide; docs/kserve.md, What KServe's webhooks check; docs/kserve.md, Services that
 * KServe admits and cannot run.
 */
import { DIFFERENCES, has, protocolsOf, type Release } from '../kserve/releases.ts';
import { isSubdomain, parseStorageUri, statedClaim } from '../kserve/storage.ts';
import type { ModelView } from '../kserve/model.ts';
import type { ServiceView } from '../kserve/view.ts';
import type { Report, Rule } from './rule.ts';
import { quote } from '../lib/text.ts';
import { hasMisspeltStorageUri } from './unknown-field.ts';

export const rule: Rule = {
  id: 'storage-uri',
  summary: 'The model is read from a persistent volume claim: pvc://<claim>/<path>',
  checkService({ service, settings, kserve }) {
    const { model } = service;
    if (service.worker === null || model === null) return [];
    const { storageUri, storageUriField } = model;
    const protocols = protocolsOf(kserve.release, settings.protocols);
    if (storageUri === undefined || storageUri === null || storageUri === '') {
      // unknown-field says so.
      if (hasMisspeltStorageUri(service)) return [];
      return [instead(service, model, protocols)];
    }
    const wrong =
      typeof storageUri === 'string'
        ? fault(storageUri, protocols, kserve.release)
        : { found: `storageUri is ${quote(storageUri)}, which is no text`, fix: write(protocols) };
    return [...(wrong === null ? [] : [refused(storageUriField, wrong)]), ...beside(service, model)];
  },
};

interface Fault {
  /** Ends up in the message and in front of the short one. */
  readonly found: string;
  readonly fix: string;
  /** The fix in fewer words, where it is long. */
  readonly brief?: string;
}

function write(protocols: readonly string[]): string {
  if (protocols.length === 0) return ADMIT_PVC;
  const forms = protocols.map((protocol) =>
    protocol === 'pvc' ? 'pvc://<claim>/<path>' : `${protocol}://...`,
  );
  return `write ${forms.join(' or ')}`;
}

/** Where the configuration admits oci alone, and the release has it not. */
const ADMIT_PVC = 'have pvc admitted by storage.protocols in the configuration of headcount';

/** Where there is no storageUri: which of the fields that look like it was used. */
function instead(service: ServiceView, model: ModelView, protocols: readonly string[]): Report {
  const other = model.storage ?? service.storageUris;
  if (other === null) {
    const found = 'storageUri is missing';
    return refused(model.storageUriField, { found, fix: write(protocols) });
  }
  const name = other.slice(other.lastIndexOf('.') + 1);
  return refused(other, {
    found: `${name} is used instead of storageUri, which multi-node does not support`,
    fix: `remove ${name}, and in ${model.storageUriField} ${write(protocols)}`,
    brief: `in storageUri ${write(protocols)}`,
  });
}

/** Where there is a storageUri: what KServe does not take beside it. */
function beside({ storageUris }: ServiceView, { storagePath }: ModelView): readonly Report[] {
  return [storagePath, storageUris]
    .filter((other) => other !== null)
    .map((other) => {
      const name = other === storagePath ? 'storage.path' : 'storageUris';
      const found = `${name} stands beside storageUri, and KServe takes one of them only`;
      return refused(other, { found, fix: `remove ${other}`, brief: 'remove it' });
    });
}

function fault(storageUri: string, protocols: readonly string[], release: Release): Fault | null {
  const uri = parseStorageUri(storageUri);
  const found = `storageUri is ${quote(storageUri)}`;
  if (uri === null) return { found: `${found}, which has no protocol`, fix: write(protocols) };
  if (!protocols.includes(uri.protocol)) {
    if (uri.protocol === 'oci' && !has(release, 'oci')) {
      const since = `KServe has oci:// for multi-node from 0.${DIFFERENCES.oci.since} on`;
      return { found: `${found}, and ${since}`, fix: write(protocols) };
    }
    return {
      found: `${found}, and ${uri.protocol}:// is not admitted for multi-node`,
      fix: `${write(protocols)}${advice(uri.protocol, protocols)}`,
      brief: write(protocols),
    };
  }
  if (uri.protocol !== 'pvc') return null;
  const claim = statedClaim(uri);
  if (claim === '') return { found: `${found}, which names no claim`, fix: write(protocols) };
  if (isSubdomain(claim)) return null;
  return {
    found: `${found}, where the part behind pvc:// is no name of a claim`,
    fix: 'write the name of a claim: lower-case letters, digits, - and . only',
    brief: write(protocols),
  };
}

/** How to get there from another protocol. */
function advice(protocol: string, protocols: readonly string[]): string {
  if (protocol === 'oci')
    return ', or have oci admitted by storage.protocols in the configuration of headcount';
  return protocols.includes('pvc') ? ', after a Job has copied the model to a ReadWriteMany claim' : '';
}

function refused(field: string, { found, fix, brief = fix }: Fault): Report {
  return { severity: 'deny', field, message: found, fix, short: `${found}: ${brief}` };
}
