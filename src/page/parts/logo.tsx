/** Two pods of four GPUs. */
import type { JSX } from 'preact';

const CELLS = [0, 1, 2, 3].map((index) => ({ x: 3 + (index % 2) * 6, y: 3 + Math.floor(index / 2) * 6 }));

export function Logo(): JSX.Element {
  return (
    <svg class="logo" viewBox="0 0 32 17" width="32" height="17" aria-hidden="true">
      {[0, 17].map((left) => (
        <g key={left} class={left === 0 ? 'head' : 'worker'} transform={`translate(${left} 1)`}>
          <rect class="pod" x="0.5" y="0.5" width="14" height="14" rx="2.5" />
          {CELLS.map(({ x, y }) => (
            <rect key={`${x} ${y}`} class="cell" x={x} y={y} width="3.6" height="3.6" rx="0.8" />
          ))}
        </g>
      ))}
    </svg>
  );
}
