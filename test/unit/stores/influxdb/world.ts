import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { type AlertDeclaration, normalValues } from '../../../../src/stores/influxdb/alerts.ts'
import type {
  BucketDeclaration,
  Declaration,
  DownsamplingDeclaration,
  TaskDeclaration,
} from '../../../../src/stores/influxdb/declaration.ts'
import type { LabelDeclaration, LabeledKind } from '../../../../src/stores/influxdb/labels.ts'
import { ownFlux, sayRhythm } from '../../../../src/stores/influxdb/own-script.ts'
import { downsamplingFlux } from '../../../../src/stores/influxdb/plan-tasks.ts'
import type { ObservedAlert, ObservedContent, ObservedTask } from '../../../../src/stores/influxdb/ports.ts'
import { fluxDuration } from '../../../../src/stores/influxdb/time.ts'

const hour = 3600

const alert = { description: null, active: true, secrets: {}, endpoint: null }
export const check: AlertDeclaration = {
  ...alert,
  name: 'high',
  values: normalValues('check', {
    type: 'threshold',
    query: 'x = 1',
    thresholds: [{ type: 'greater', level: 'CRIT', value: 9 }],
  }),
}
export const endpoint: AlertDeclaration = {
  ...alert,
  name: 'hook',
  values: normalValues('notification endpoint', { type: 'http', url: 'http://10.0.0.1/', authMethod: 'bearer' }),
  secrets: { token: 'a secret' },
}
export const rule: AlertDeclaration = {
  ...alert,
  name: 'to hook',
  values: normalValues('notification rule', { type: 'http', statusRules: [{ currentLevel: 'CRIT' }] }),
  endpoint: 'hook',
}

const label: LabelDeclaration = {
  name: 'Ops',
  color: '#ff8800',
  description: null,
  on: { buckets: ['bucket0'], tasks: null, checks: [], notificationEndpoints: ['hook'], notificationRules: null },
}

/** Any declaration that the files could hold, of a few names. */
export const declarations: fc.Arbitrary<Declaration> = fc
  .record({
    buckets: fc.array(
      fc.record({
        description: fc.option(fc.string({ maxLength: 5 })),
        seconds: fc.constantFrom(0, 24 * hour, 30 * 24 * hour),
        shardGroupSeconds: fc.constantFrom(hour, 24 * hour),
      }),
      { minLength: 2, maxLength: 4 },
    ),
    tasks: fc.array(
      fc.record({
        windows: fc.integer({ min: 2, max: 5 }),
        offsetSeconds: fc.constantFrom(0, 600),
        active: fc.boolean(),
        measurements: fc.array(fc.string({ maxLength: 4 }), { maxLength: 2 }),
      }),
      { maxLength: 2 },
    ),
    own: fc.array(
      fc.record({
        flux: fc.constantFrom('import "date"\n\nx = 1', 'from(bucket: "bucket0") |> range(start: -1h)'),
        schedule: fc.constantFrom<TaskDeclaration['schedule']>(
          { type: 'every', seconds: hour },
          { type: 'cron', cron: '0 3 * * *' },
        ),
        offsetSeconds: fc.constantFrom(0, 90),
        active: fc.boolean(),
      }),
      { maxLength: 2 },
    ),
    alerts: fc.boolean(),
    tokens: fc.array(fc.tuple(fc.boolean(), fc.boolean()), { maxLength: 3 }),
    mappings: fc.array(fc.boolean(), { maxLength: 2 }),
  })
  .map(({ buckets, tasks, own, alerts, tokens, mappings }) => ({
    organization: { name: 'org', description: null },
    buckets: buckets.map(
      ({ description, ...rule }, index): BucketDeclaration => ({ name: `bucket${index}`, description, rule }),
    ),
    downsamplings: tasks.map(
      ({ windows, ...rest }, index): DownsamplingDeclaration => ({
        name: `task${index}`,
        description: null,
        from: 'bucket0',
        to: 'bucket1',
        windowSeconds: hour,
        everySeconds: hour,
        lookBackSeconds: windows * hour,
        aggregates: ['mean', 'count'],
        ...rest,
      }),
    ),
    tasks: own.map((rest, index): TaskDeclaration => ({ name: `own${index}`, description: null, ...rest })),
    checks: alerts ? [check] : [],
    endpoints: alerts ? [endpoint] : [],
    rules: alerts ? [rule] : [],
    labels: alerts ? [label] : [],
    tokens: tokens.map(([read, write], index) => ({
      name: `token${index}`,
      read: read || !write ? ['bucket0'] : [],
      write: write ? ['bucket1'] : [],
      file: `/tokens/${index}`,
    })),
    mappings: mappings.map((isDefault, index) => ({
      database: `db${index}`,
      retentionPolicy: 'rp',
      bucket: 'bucket0',
      isDefault,
    })),
  }))

/** A server that is exactly as declared. */
export function contentOf(declaration: Declaration): ObservedContent {
  const idOf = (name: string): string => `id-${name}`
  return {
    organization: { id: 'id-org', name: declaration.organization.name, description: '' },
    buckets: declaration.buckets.map(({ name, description, rule }) => ({
      id: idOf(name),
      name,
      description: description ?? 'whatever',
      rule,
      labels: labelsOf(declaration, 'buckets', name),
    })),
    tasks: [...declaration.downsamplings.map((task) => observedTask(task)), ...declaration.tasks.map(observedOwnTask)],
    checks: declaration.checks.map(observedAlert),
    endpoints: declaration.endpoints.map((one) => ({
      ...observedAlert(one),
      labels: labelsOf(declaration, 'notificationEndpoints', one.name),
    })),
    rules: declaration.rules.map(observedAlert),
    labels: declaration.labels.map(({ name, color }) => ({
      id: `id-${name}`,
      name,
      color: color ?? '',
      description: 'whatever',
    })),
    tokens: declaration.tokens.map(({ name, read, write }) => ({
      id: idOf(name),
      description: name,
      active: true,
      isOwn: false,
      permissions: [
        ...read.map(
          (bucket) => ({ action: 'read', kind: 'buckets', id: idOf(bucket), organizationId: 'id-org' }) as const,
        ),
        ...write.map(
          (bucket) => ({ action: 'write', kind: 'buckets', id: idOf(bucket), organizationId: 'id-org' }) as const,
        ),
      ],
    })),
    mappings: declaration.mappings.map(({ database, retentionPolicy, bucket }) => ({
      id: idOf(database),
      database,
      retentionPolicy,
      bucketId: idOf(bucket),
      isDefault: true,
      isVirtual: false,
    })),
  }
}

export function observedTask(task: DownsamplingDeclaration): ObservedTask {
  return {
    id: `id-${task.name}`,
    name: task.name,
    description: task.description ?? 'whatever',
    flux: downsamplingFlux(task),
    active: task.active,
    every: fluxDuration(task.everySeconds),
    cron: '',
    offset: fluxDuration(task.offsetSeconds),
    createdAt: 0,
    latestCompleted: 0,
    lastRun: 'success',
    labels: [],
  }
}

/** As the server keeps it. */
function observedOwnTask(task: TaskDeclaration): ObservedTask {
  const { name, description, schedule, offsetSeconds, active } = task
  return {
    id: `id-${name}`,
    name,
    description: description ?? 'whatever',
    flux: ownFlux(task),
    active,
    every: schedule.type === 'every' ? sayRhythm(schedule) : '',
    cron: schedule.type === 'cron' ? schedule.cron : '',
    offset: fluxDuration(offsetSeconds),
    createdAt: 0,
    latestCompleted: 0,
    lastRun: 'success',
    labels: [],
  }
}

export function observedAlert({
  name,
  description,
  active,
  values,
  secrets,
  endpoint,
}: AlertDeclaration): ObservedAlert {
  const digests = Object.entries(secrets).map(([key, secret]) => [
    key,
    createHash('sha256').update(secret).digest('hex'),
  ])
  return {
    id: `id-${name}`,
    name,
    description: description ?? 'whatever',
    active,
    values,
    secrets: Object.fromEntries(digests),
    endpointId: endpoint === null ? null : `id-${endpoint}`,
    createdAt: 0,
    updatedAt: 0,
    latestCompleted: 0,
    lastRun: 'success',
    failure: null,
    taskId: `task-${name}`,
    labels: [],
  }
}

function labelsOf(declaration: Declaration, kind: LabeledKind, name: string): readonly string[] {
  return declaration.labels.flatMap((one) => (one.on[kind]?.includes(name) === true ? [`id-${one.name}`] : []))
}
