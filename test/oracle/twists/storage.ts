/** Where the model comes from. */
import { modelOf, predictorOf, type Twist } from './world.ts';

export const storage: Readonly<Record<string, Twist>> = {
  storageUri: (world, pick) => {
    modelOf(world).storageUri = pick([
      'pvc://models',
      'pvc://models/',
      'pvc://models/llama/8b',
      'oci://registry.example.com/llama:1',
      's3://bucket/llama',
      'hf://org/llama',
      'https://example.com/llama',
      'pvc://',
      'pvc:/models',
      'PVC://models',
      'pvc://Models/llama',
      'models/llama',
      '',
    ]);
  },
  noStorage: (world) => {
    delete modelOf(world).storageUri;
  },
  storage: (world, pick) => {
    const model = modelOf(world);
    model.storage = pick([{ key: 'store', path: 'llama' }, { path: 'llama' }, { key: 'store' }, {}]);
    if (pick([true, false])) delete model.storageUri;
  },
  storageUris: (world, pick) => {
    predictorOf(world).storageUris = [{ uri: 'pvc://models/llama', mountPath: '/mnt/models' }];
    if (pick([true, false])) delete modelOf(world).storageUri;
  },
};
