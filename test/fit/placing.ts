/** A world's plan, forecast by headcount. */
import { forecast, type Fit, type Request } from '../../src/fit/forecast.ts';
import { Stock } from '../../src/fit/stock.ts';
import { planService } from '../../src/kserve/plan.ts';
import { podTemplates } from '../../src/kserve/pod-templates.ts';
import { DEFAULT_RELEASE } from '../../src/kserve/releases.ts';
import { readRuntime } from '../../src/kserve/runtime.ts';
import { strategyOf } from '../../src/kserve/strategy.ts';
import { readService } from '../../src/kserve/view.ts';
import type { Loose } from '../rules/cases.ts';

const KSERVE = { customGpuTypes: [], defaultDeploymentMode: null, release: DEFAULT_RELEASE };

/** @returns what is asked of the forecast for a service as it is stored */
export function requestOf(service: Loose, runtime: Loose): Request {
  const [view, on] = [readService(service), readRuntime(runtime)];
  const plan = planService(view, on, KSERVE);
  if (plan === null) throw new Error('the service has no plan');
  return {
    namespace: view.namespace,
    name: view.name,
    templates: podTemplates(view, on, plan),
    before: null,
    strategy: strategyOf(view),
    queue: null,
  };
}

export function stockOf(...objects: readonly Loose[]): Stock {
  const stock = new Stock();
  for (const object of objects) stock.add(object);
  return stock;
}

export function fitOf(request: Request, stock: Stock): Fit {
  const [fit] = forecast([request], stock);
  if (fit === undefined || fit === null) throw new Error('no forecast');
  return fit;
}
