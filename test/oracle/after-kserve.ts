/**
 * Rules that may deny what KServe's own code deploys, each with its reason: the guide's word, or what fails after KServe.
 * What any other rule denies must fail in KServe as well.
 */
export const AFTER_KSERVE: Readonly<Record<string, string>> = {
  'autoscaler-class': "an autoscaler of the predictor's annotations would scale the one head (the guide)",
  canary: 'there is no second revision to send traffic to',
  'deployment-mode': "an empty mode leaves the decision to the cluster's default, which may be Knative",
  'gpu-capacity':
    'GPUs that KServe does not count, or too few for data parallel engines: vLLM waits for them',
  'gpu-resource': 'counts that no device plugin offers, and GPUs in places that KServe does not count',
  'gpu-type-mix': 'GPUs of two types form no group (the guide)',
  'head-replicas': 'there is exactly one head (the guide)',
  'image-parity': 'the tag of the image is empty, which the kubelet takes for no name',
  merge: "before 0.18, a sidecar called worker-container: there is no Service of the head's",
  'name-length': 'a name that ends in -predictor: workers look for a Service that is not there',
  'parallel-size': 'the cap on the GPUs of one service',
  'parallel-size-env': 'sizes belong into workerSpec (the guide)',
  'reserved-env': 'of an env given twice KServe sets the first, and the container sees the last',
  runtime: 'of two models KServe takes one',
  'storage-uri': 'a claim that can not exist',
  'unknown-field': 'the field is dropped, and KServe takes another runtime than the named one',
  'vllm-args': 'flags win over the env, so that vLLM starts with other sizes than planned',
  'worker-container': 'the API server requires the name',
};
