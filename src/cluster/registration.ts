/** The webhook configurations on a real API server: read, probed, and given their rules. */
import { asList, asString, at, parseJson, property } from '../lib/json.ts';
import { ANSWER, probeName } from '../registration/probe.ts';
import {
  CONFIGURATION,
  RULES,
  type Kind,
  type Registration,
  type RegistrationStore,
} from '../registration/registration.ts';
import { ApiError, orElse } from './answer.ts';
import type { Api } from './api.ts';
import { versionOf } from './objects.ts';

/** The Service that the API server calls. Probes are Events about it, in its namespace. */
export interface ServicePlace {
  readonly namespace: string;
  readonly service: string;
}

const NOT_FOUND = 404;
const CONFLICT = 409;

/** @returns the path of a webhook configuration of headcount's */
export function configurationPath(kind: Kind): string {
  return `/apis/admissionregistration.k8s.io/v1/${kind}webhookconfigurations/${CONFIGURATION}`;
}

export function registrationStore(api: Api, { namespace, service }: ServicePlace): RegistrationStore {
  return {
    async read(kind): Promise<Registration | null> {
      const configuration = await orElse(api.get(configurationPath(kind)), { [NOT_FOUND]: null });
      if (configuration === null) return null;
      return {
        version: versionOf(configuration),
        stated: parseJson(asString(at(configuration, 'metadata', 'annotations', RULES)) ?? ''),
        entries: asList(property(configuration, 'webhooks')).map((webhook) => ({
          name: asString(property(webhook, 'name')) ?? '',
          rules: property(webhook, 'rules'),
        })),
      };
    },
    async probe(kind) {
      const event = {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: probeName(kind), namespace },
        involvedObject: { apiVersion: 'v1', kind: 'Service', namespace, name: service },
        type: 'Normal',
        reason: 'Probe',
        message: 'Does the API server reach headcount?',
      };
      try {
        await api.send('POST', `/api/v1/namespaces/${namespace}/events?dryRun=All`, event);
        return 'the API server got no answer through the Service';
      } catch (error) {
        if (error instanceof ApiError && error.message.includes(ANSWER)) return null;
        throw error;
      }
    },
    async write(kind, changes, version) {
      const patch = [
        { op: 'replace', path: '/metadata/resourceVersion', value: version },
        ...changes.map(({ index, rules }) => ({ op: 'add', path: `/webhooks/${index}/rules`, value: rules })),
      ];
      return orElse(
        api.send('PATCH', configurationPath(kind), patch).then(() => 'written' as const),
        { [CONFLICT]: 'conflict' as const, [NOT_FOUND]: 'gone' as const },
      );
    },
  };
}
