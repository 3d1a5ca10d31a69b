/** How `headcount suggest` is called. */
import { Option } from 'commander';
import type { Entry } from '../shared/command.ts';
import { commandWith, KSERVE_VERSION, outputs } from '../shared/options.ts';

const DETAILS = `
Where one node is enough, one pod on it comes first, without a workerSpec. Otherwise tensor parallel stays inside a
node, and pipeline stages go across: a pod for each stage, with TP GPUs. Listed are shapes that vLLM can split the
model into, with the fewest stages that leave room for the weights and the KV cache of one context. Best first: those
with room for a whole context, then those whose stages have equally many layers, then the fewest nodes; where one node
could hold the model, the fewest GPUs; then the largest TP. Memory is estimated from config.json, at vLLM's default
--gpu-memory-utilization of 0.9. -o yaml writes the manifest of the first shape, -o json all of them; memory, CPU and
the time to start are estimates, to be adjusted to the nodes and to the disk. GPUs are asked for as nvidia.com/gpu, since
the guide supports several nodes with NCCL only: for those of another vendor, put its resource in the place.
On KServe 0.20, whose controller deletes the workers, a warning says so.

Exit code: 0 fine, 1 no shape fits, 2 wrong use or unreadable input.`;

export const suggest: Entry = {
  command: () =>
    commandWith('suggest', 'list the TP x PP shapes that suit a model and a type of node, with a manifest', [
      new Option('--model-config <FILE>', 'config.json (Hugging Face) of the model; - reads standard input'),
      new Option('--gpus-per-node <N>', 'GPUs of a node'),
      new Option('--gpu-memory <SIZE>', 'memory of a GPU, such as 80Gi'),
      outputs(['text', 'json', 'yaml']),
      KSERVE_VERSION,
      new Option('--name <NAME>', 'name of the service in the manifest'),
      new Option('--storage-uri <URI>', 'where the model is (pvc://models/<name>)'),
    ]).addHelpText('after', DETAILS),
  load: async () => (await import('./suggest.ts')).suggest,
};
