/** What decides about pods as well and is not in the forecast: every output names it. */
export const NOT_MODELLED: readonly string[] = [
  'gang scheduling',
  'preemption and priorities',
  'pods that wait for a node already',
  'topology spread',
  'affinity between pods',
  'dynamic resource allocation (DRA)',
  'host ports',
  'node affinity and limits of volumes',
  'what RuntimeClasses, LimitRanges and other webhooks add to pods',
  'nodes that an autoscaler would add',
];
