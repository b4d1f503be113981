import { closestName } from '../../core/closest-name.ts'
import { type Objection, suggest } from '../declare/check-documents.ts'
import {
  type Declaration,
  type DownsamplingDeclaration,
  formatRetention,
  formatTime,
  neededRetention,
} from './declaration.ts'
import { declareTask, type InfluxdbDocument } from './document.ts'
import { isOwnLabel, type LabeledKind, labeledKinds } from './labels.ts'
import { parseTime } from './time.ts'

/** Faults of the parts of a document, each by itself or compared with all declarations. */
export function checkDocument(document: InfluxdbDocument, declaration: Declaration): readonly Objection[] {
  const declared = new Set(declaration.buckets.map(({ name }) => name))
  return [
    ...checkBuckets(document),
    ...Object.entries(document.downsampling ?? {}).flatMap(([name, entry]) => [
      ...objectToBucket(['downsampling', name, 'from'], entry.from, declared),
      ...objectToBucket(['downsampling', name, 'to'], entry.to, declared),
      ...checkTask(declareTask(name, entry), declaration),
    ]),
    ...checkSchedules(document),
    ...checkLabels(document, declaration),
    ...checkAccess(document, declared),
    ...(document.mappings ?? []).flatMap(({ bucket }, index) =>
      objectToBucket(['mappings', index, 'bucket'], bucket, declared),
    ),
  ]
}

function checkBuckets({ buckets = {} }: InfluxdbDocument): readonly Objection[] {
  return Object.entries(buckets).flatMap(([name, { retention, shardGroup }]) => {
    if (retention === 'forever' || parseTime(shardGroup) <= parseTime(retention)) return []
    const says = `covers more time (${shardGroup}) than the bucket keeps (${retention})`
    return [
      {
        path: ['buckets', name, 'shardGroup'],
        says,
        next: 'InfluxDB refuses such a bucket: use shorter shard groups.',
      },
    ]
  })
}

function checkTask(task: DownsamplingDeclaration, declaration: Declaration): readonly Objection[] {
  const at = (key: string): readonly PropertyKey[] => ['downsampling', task.name, key]
  const { from, to, windowSeconds, everySeconds, lookBackSeconds } = task
  const overlap = everySeconds + windowSeconds
  return [
    ...(from === to ? [{ path: at('to'), says: 'is the source bucket', next: 'Name another bucket.' }] : []),
    ...(lookBackSeconds % windowSeconds === 0
      ? []
      : [
          {
            path: at('lookBack'),
            says: `must be whole windows of ${formatTime(windowSeconds)}, not ${formatTime(lookBackSeconds)}`,
          },
        ]),
    ...(lookBackSeconds >= overlap
      ? []
      : [
          {
            path: at('lookBack'),
            says: `must be at least ${formatTime(overlap)}: the interval of one run plus one window, so that runs overlap`,
            next: 'Without overlap, late points and failed runs leave gaps.',
          },
        ]),
    ...checkReach(task, declaration),
  ]
}

function checkSchedules({ tasks = {} }: InfluxdbDocument): readonly Objection[] {
  return Object.entries(tasks).flatMap(([name, { every, cron }]) => {
    if ((every === undefined) !== (cron === undefined)) return []
    const says = every === undefined ? 'has no schedule' : 'has both `every` and `cron`'
    return [{ path: ['tasks', name], says, next: 'Declare one of `every` and `cron`.' }]
  })
}

/** Names of what has a label; a label of wwdb itself is not for people. */
function checkLabels({ labels = {} }: InfluxdbDocument, declaration: Declaration): readonly Objection[] {
  const { buckets, downsamplings, tasks, checks, endpoints, rules } = declaration
  const declared: Readonly<Record<LabeledKind, readonly { readonly name: string }[]>> = {
    buckets,
    tasks: [...downsamplings, ...tasks],
    checks,
    notificationEndpoints: endpoints,
    notificationRules: rules,
  }
  return Object.entries(labels).flatMap(([name, entry]) => [
    ...(isOwnLabel(name)
      ? [{ path: ['labels', name], says: 'is a label that wwdb uses itself', next: 'Choose another name.' }]
      : []),
    ...(name.trim() === name
      ? []
      : [
          { path: ['labels', name], says: 'begins or ends with a blank, which InfluxDB takes off', next: 'Remove it.' },
        ]),
    ...labeledKinds.flatMap((kind) => {
      const known = declared[kind].map((one) => one.name)
      return (entry[kind] ?? []).flatMap((wanted, index) => {
        if (known.includes(wanted)) return []
        const says = `names \`${wanted}\`, which is not declared`
        return [{ path: ['labels', name, kind, index], says, ...suggest(wanted, known) }]
      })
    }),
  ])
}

/** Points that expire before the last run that aggregates them would be lost. */
function checkReach(task: DownsamplingDeclaration, { buckets }: Declaration): readonly Objection[] {
  const kept = buckets.find(({ name }) => name === task.from)?.rule.seconds ?? 0
  const needed = neededRetention(task)
  if (kept === 0 || kept > needed) return []
  return [
    {
      path: ['downsampling', task.name],
      says: `needs the points of ${task.from} for ${formatTime(needed)}, but they are kept ${formatRetention(kept)}`,
      next: `Keep them longer, or reduce lookBack of the task.`,
    },
  ]
}

function checkAccess({ access = {} }: InfluxdbDocument, declared: ReadonlySet<string>): readonly Objection[] {
  return Object.entries(access).flatMap(([name, { read = [], write = [] }]) => [
    ...(read.length + write.length > 0
      ? []
      : [{ path: ['access', name], says: 'has no rights', next: 'Name buckets under `read` or `write`.' }]),
    ...read.flatMap((bucket, index) => objectToBucket(['access', name, 'read', index], bucket, declared)),
    ...write.flatMap((bucket, index) => objectToBucket(['access', name, 'write', index], bucket, declared)),
  ])
}

/** An objection to an undeclared bucket; empty where it is declared. */
function objectToBucket(
  path: readonly PropertyKey[],
  bucket: string,
  declared: ReadonlySet<string>,
): readonly Objection[] {
  if (declared.has(bucket)) return []
  const meant = closestName(bucket, [...declared])
  const next = meant === null ? 'Declare it under `buckets`.' : `Did you mean \`${meant}\`?`
  return [{ path, says: `names the bucket \`${bucket}\`, which is not declared`, next }]
}
