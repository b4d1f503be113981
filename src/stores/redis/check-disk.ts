import type { StoreCheck } from '../outcome.ts'
import { check } from './check.ts'
import type { SeenNode } from './sight.ts'

/** Whether what is written reaches the disk. */
export function checkDisk(seen: readonly SeenNode[]): readonly StoreCheck[] {
  const failures = seen.flatMap(({ node, persistence }) => [
    ...(persistence.loading ? [`${node} is still reading its data`] : []),
    ...(persistence.lastSnapshotWorked ? [] : [`${node}: the last snapshot failed`]),
    ...(persistence.lastAppendWorked ? [] : [`${node}: the last write to the append-only file failed`]),
    ...(persistence.lastRewriteWorked ? [] : [`${node}: the last rewrite of the append-only file failed`]),
  ])
  const forgetful = seen.filter(({ hasConfigurationFile }) => !hasConfigurationFile).map(({ node }) => node)
  const kept = check('snapshots and append-only files are written', failures, {
    good: describeWays(seen),
    next: 'The reason is in the log of the node: a full disk, a folder that it may not write to, or too little memory to fork.',
  })
  if (forgetful.length === 0) return [kept]
  const file = check(
    'settings outlive a restart',
    forgetful.map((node) => `${node} has no configuration file`),
    {
      good: '',
      bad: 'warning',
      next: 'Start it with a configuration file: `redis-server /path/redis.conf`.',
    },
  )
  return [kept, file]
}

function describeWays(seen: readonly SeenNode[]): string {
  const appending = seen.filter(({ persistence }) => persistence.appendOnly).length
  return appending === 0
    ? 'no node keeps an append-only file'
    : `${appending} of ${seen.length} nodes keep an append-only file`
}
