/**
 * Finding the API server and who we are to it: the only importer of @kubernetes/client-node, which knows kubeconfigs,
 * contexts, in-cluster tokens and exec plugins. Loaded only by what needs a cluster.
 */
import { KubeConfig } from '@kubernetes/client-node';
import { messageOf } from './answer.ts';
import type { Api } from './api.ts';
import { ANSWER_LIMIT, HttpsApi } from './https-api.ts';
import { HttpsClient } from './https-client.ts';
import { withoutEnd } from '../lib/text.ts';

/** The kubeconfig can't be used: for the user, one line. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

export interface Connection {
  /** Path of a kubeconfig; without it $KUBECONFIG, ~/.kube/config or the pod's service account. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Milliseconds that a review may take, where its reads may take longer than by default. */
  readonly deadline?: number;
}

/** The share of a review's deadline that one read may take; a review may need two. */
const SHARE = 0.4;

/** @throws KubeconfigError */
export function connect({ kubeconfig, context, deadline = 0 }: Connection = {}): Api {
  const config = load(kubeconfig, context);
  const server = config.getCurrentCluster()?.server;
  // Where the client finds nothing at all it falls back to http://localhost:8080.
  if (server?.startsWith('https://') !== true) {
    throw new KubeconfigError(
      'no cluster: neither a kubeconfig with an https server nor a service account; give --kubeconfig FILE, or set KUBECONFIG',
    );
  }
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace ?? 'default';
  const client = new HttpsClient(config, withoutEnd(server, '/'));
  return new HttpsApi(client, namespace, Math.max(ANSWER_LIMIT, deadline * SHARE));
}

function load(kubeconfig: string | undefined, context: string | undefined): KubeConfig {
  const config = new KubeConfig();
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (error) {
    throw new KubeconfigError(`the kubeconfig can't be read: ${messageOf(error)}`);
  }
  if (context !== undefined) {
    if (config.getContextObject(context) === null) {
      throw new KubeconfigError(`the kubeconfig has no context "${context}"`);
    }
    config.setCurrentContext(context);
  }
  return config;
}
