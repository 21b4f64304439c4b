import type { Measured } from '../result.ts';

/** What the hosts said, with seconds from the fault. */
export function timelineAsText({ timeline, brokenAt }: Pick<Measured, 'timeline' | 'brokenAt'>): string {
  return timeline
    .map(({ at, host, source, message }) => {
      const seconds = ((at - brokenAt) / 1000).toFixed(2).padStart(8);
      return `  +${seconds} s  ${host.padEnd(6)} ${source.padEnd(16)} ${message.slice(0, longestMessage)}`;
    })
    .join('\n');
}

const longestMessage = 160;
