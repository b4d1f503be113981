import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import published from '../../../../schemas/influxdb-declaration.schema.json' with { type: 'json' }
import { readDeclarations } from '../../../../src/stores/declare/read-declarations.ts'
import { jsonSchema, readDeclaration } from '../../../../src/stores/influxdb/schema.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'wwdb-influxdb-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function read(directory: string) {
  const { documents, faults } = readDeclarations({ directory, root: directory, variables: {} })
  expect(faults).toEqual([])
  return readDeclaration(documents, { declarations: directory })
}

function declare(files: Readonly<Record<string, string>>) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text)
  return read(root)
}

/** What is wrong, each with its place. */
function faultsOf(files: Readonly<Record<string, string>>): readonly string[] {
  const reading = declare(files)
  if (reading.type === 'declaration') return []
  return reading.faults.map(({ what, where, next }) =>
    [`${where?.file}:${where?.line ?? 0}`, what, next].filter(Boolean).join(' '),
  )
}

const base = `organization: {name: wework}
buckets:
  hot: {retention: 30d, shardGroup: 1d}
  cold: {retention: 52w, shardGroup: 7d}
`

const lesser = '{type: lesser, level: OK, value: 1}'

describe('the declaration of InfluxDB', () => {
  it("the platform's own declaration is what its document asks for", () => {
    const reading = read(resolve(import.meta.dirname, '../../../../migrations/influxdb'))
    expect(reading).toMatchObject({
      type: 'declaration',
      declaration: {
        organization: { name: 'wework' },
        buckets: [
          { name: 'metrics_hot', rule: { seconds: 30 * 86_400, shardGroupSeconds: 86_400 } },
          { name: 'metrics_cold', rule: { seconds: 365 * 86_400, shardGroupSeconds: 7 * 86_400 } },
        ],
        downsamplings: [
          { name: 'metrics_hourly', aggregates: ['mean', 'min', 'max', 'count'], lookBackSeconds: 10_800 },
        ],
        tokens: [{ name: 'metrics_writer' }, { name: 'metrics_reader' }],
      },
    })
  })

  it('fills in what is not said: runs once a window, and two windows more than its share', () => {
    const tasks =
      'downsampling:\n  t: {from: hot, to: cold, window: 15m}\n  u: {from: hot, to: cold, window: 15m, every: 1h}\n'
    expect(declare({ 'a.yaml': base + tasks })).toMatchObject({
      declaration: {
        downsamplings: [
          { everySeconds: 900, offsetSeconds: 0, lookBackSeconds: 2700, measurements: [], active: true },
          { everySeconds: 3600, lookBackSeconds: 5400, aggregates: ['mean', 'min', 'max', 'count'] },
        ],
      },
    })
  })

  it('takes the files of a folder together, and a bucket that is kept for ever', () => {
    const more =
      'buckets:\n  raw: {retention: forever, shardGroup: 7d}\naccess:\n  w: {write: [hot], file: secrets/w}\n'
    expect(declare({ 'a.yaml': base, 'b.yaml': more })).toMatchObject({
      declaration: {
        buckets: [{ name: 'hot' }, { name: 'cold' }, { name: 'raw', rule: { seconds: 0, shardGroupSeconds: 604_800 } }],
        tokens: [{ name: 'w', read: [], write: ['hot'], file: join(root, 'secrets/w') }],
      },
    })
  })

  it.each([
    ['buckets:\n  a: {retention: 30d}\n', /^x.yaml:2 buckets.a.shardGroup must be a string, not nothing\./],
    [
      'buckets:\n  a: {retention: 1y, shardGroup: 1d}\n',
      /buckets.a.retention must be a duration with a unit, such as "30d"/,
    ],
    ['buckets:\n  a: {retention: 30, shardGroup: 1d}\n', /^x.yaml:2 buckets.a.retention/],
    ['buckets:\n  a: {retention: 30m, shardGroup: 1d}\n', /buckets.a.retention must be at least "1h"/],
    [
      'buckets:\n  a: {retention: 1d, shardGroup: 7d}\n',
      /shardGroup covers more time \(7d\) than the bucket keeps \(1d\)/,
    ],
    ['buckets:\n  _a: {retention: 1d, shardGroup: 1d}\n', /buckets._a is not a valid name/],
    ['buckets:\n  hot: {retention: 1d, shardGroup: 1d}\n', /^x.yaml:2 buckets.hot is declared twice/],
    ['organization: {name: other}\n', /^x.yaml:1 organization is declared twice/],
    ['bukkets: {}\n', /bukkets is not a known key\. Did you mean `buckets`\?/],
    [
      'downsampling:\n  t: {from: hto, to: cold, window: 1h}\n',
      /t.from names the bucket `hto`, which is not declared. Did you mean `hot`\?/,
    ],
    [
      'checks:\n  c: {type: threshold, query: r._field == "x"}\n',
      /checks.c needs `thresholds`, as it is of type `threshold`/,
    ],
    [
      'checks:\n  c: {type: threshold, query: r._field == "x", thresholds: []}\n',
      /thresholds must have at least one threshold/,
    ],
    [
      'checks:\n  c: {type: threshold, query: r._field == "x", thresholds: [{type: range, level: OK, min: 1, max: 2}]}\n',
      /thresholds\[0\] needs `within`/,
    ],
    [
      'checks:\n  c: {type: deadman, query: x, timeSince: 1m, staleTime: 1h, level: CRIT, thresholds: [{type: lesser, level: OK, value: 1}]}\n',
      /c.thresholds is not a key of type `deadman`/,
    ],
    [
      `checks:\n  c: {type: threshold, query: 'from(bucket: "hot") // r._field == "a"', thresholds: [${lesser}]}\n`,
      /c.query compares `_field` 0 times, and InfluxDB takes a threshold of one field only/,
    ],
    [
      `checks:\n  c: {type: threshold, query: 'r._field == "a" or r["_field"] == "b"', thresholds: [${lesser}]}\n`,
      /c.query compares `_field` 2 times/,
    ],
    [
      `checks:\n  c: {type: threshold, query: 'r._field =~ /a/', thresholds: [${lesser}]}\n`,
      /c.query compares `_field` with no single field/,
    ],
    [
      'notificationEndpoints:\n  e: {type: slack, url: "http://a/\\n"}\n',
      /e.url must not contain blanks or line breaks/,
    ],
    ['notificationEndpoints:\n  e: {type: http, url: u, authMethod: bearer}\n', /e needs `token`/],
    ['notificationEndpoints:\n  e: {type: http, url: u, token: t}\n', /e.token is not a key of type `http`/],
    ['notificationEndpoints:\n  e: {type: telegram, token: t}\n', /e needs `channel`/],
    [
      'notificationEndpoints:\n  hook: {type: http, url: u}\nnotificationRules:\n  r: {endpoint: hok, statusRules: [{currentLevel: OK}]}\n',
      /names the notification endpoint `hok`, which is not declared. Did you mean `hook`\?/,
    ],
    [
      'notificationEndpoints:\n  e: {type: slack, url: u}\nnotificationRules:\n  r: {endpoint: e, statusRules: [{currentLevel: OK}]}\n',
      /r needs `messageTemplate`, as it is of type `slack`/,
    ],
    [
      'labels:\n  l: {buckets: [hto]}\n',
      /labels.l.buckets\[0\] names `hto`, which is not declared. Did you mean `hot`\?/,
    ],
    ['labels:\n  wwdb-setup-lock: {}\n', /wwdb-setup-lock"?\]? is a label that wwdb uses itself/],
    ['labels:\n  " Ops": {}\n', / Ops"\] begins or ends with a blank, which InfluxDB takes off/],
    ['labels:\n  Ops: {}\n  ops: {}\n', /labels.ops is declared twice/],
    ['tasks:\n  t: {flux: x = 1}\n', /tasks.t has no schedule/],
    ['tasks:\n  t: {flux: x = 1, every: 1h, cron: "0 3 * * *"}\n', /tasks.t has both `every` and `cron`/],
    ['tasks:\n  t: {flux: x = 1, cron: "61 * * * *"}\n', /t.cron must be five fields of cron/],
    ['tasks:\n  t: {flux: x = 1, cron: "0 0 ? * *"}\n', /t.cron must be five fields of cron/],
    ['tasks:\n  t: {flux: " option task = {}", every: 1h}\n', /t.flux must not set `option task`/],
    ['tasks:\n  t: {flux: " ", every: 1h}\n', /t.flux must be a script/],
    [
      'downsampling:\n  t: {from: hot, to: cold, window: 1h}\ntasks:\n  t: {flux: x = 1, every: 1h}\n',
      /tasks.t is declared twice/,
    ],
    ['downsampling:\n  t: {from: hot, to: hot, window: 1h}\n', /t.to is the source bucket/],
    [
      'downsampling:\n  t: {from: hot, to: cold, window: 1h, lookBack: 150m}\n',
      /lookBack must be whole windows of 1 hour/,
    ],
    ['downsampling:\n  t: {from: hot, to: cold, window: 1h, lookBack: 1h}\n', /lookBack must be at least 2 hours/],
    [
      'downsampling:\n  t: {from: hot, to: cold, window: 1d, lookBack: 29d}\n',
      /t needs the points of hot for 31 days, but they are kept 30 days/,
    ],
    [
      'downsampling:\n  t: {from: hot, to: cold, window: 1h, aggregates: [median]}\n',
      /aggregates\[0\] must be "mean", "min", "max" or "count"/,
    ],
    ['access:\n  w: {file: w}\n', /access.w has no rights/],
    ['access:\n  w: {read: [cool], file: w}\n', /w.read\[0\] names the bucket `cool`/],
    ['access:\n  w: {read: [hot], file: w}\n  v: {read: [cold], file: w}\n', /access.v.file is declared twice/],
    ['mappings:\n  - {database: m, retentionPolicy: r, bucket: hat}\n', /mappings\[0\].bucket names the bucket `hat`/],
    [
      'mappings:\n  - {database: m, retentionPolicy: r, bucket: hot, default: true}\n  - {database: m, retentionPolicy: s, bucket: hot, default: true}\n',
      /mappings\[1\].default is declared twice/,
    ],
  ])('%j is wrong, and its place is named', (text, said) => {
    expect(faultsOf({ 'a.yaml': base, 'x.yaml': text })).toEqual([expect.stringMatching(said)])
  })

  it('needs an organization and a bucket somewhere', () => {
    expect(faultsOf({ 'x.yaml': 'mappings: []\n' })).toEqual([
      'x.yaml:0 No file declares the organization. Add: organization: {name: ...}.',
      'x.yaml:0 No file declares a bucket. Add one under `buckets`.',
    ])
  })
})

it('the published schema of the files is that of the code', () => {
  expect(jsonSchema()).toEqual(published)
})
