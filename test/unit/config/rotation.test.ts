import { describe, expect, it } from 'vitest'
import { resolveText, sentences } from './resolve-text.ts'

const app = { url: 'mysql://root@127.0.0.1', databases: { app: {} } }

function resolve(rotation: unknown, around: Parameters<typeof resolveText>[1] = {}, more: object = {}) {
  return resolveText(JSON.stringify({ ...app, rotation, ...more }, null, 2), around)
}

describe('the rotation of a configuration', () => {
  it('is what it says, with its folder from the file', () => {
    const { config, faults } = resolve({
      schedule: '17 * * * *',
      zone: 'Asia/Shanghai',
      alertDelay: '36 hours',
      clockSkew: '2 minutes',
      archive: '../archives',
      connections: 8,
    })
    expect(faults).toEqual([])
    expect(config.rotation).toEqual({
      schedule: '17 * * * *',
      zone: 'Asia/Shanghai',
      alertDelay: 129_600_000,
      clockSkew: 120_000,
      archive: '/archives',
      connections: 8,
      overrides: [],
    })
  })

  it.each([
    ['WWDB_ROTATION_SCHEDULE', '0 3 * * *', { schedule: '0 3 * * *' }],
    ['WWDB_ROTATION_ZONE', 'Europe/London', { zone: 'Europe/London' }],
    ['WWDB_ROTATION_ALERT_DELAY', '1d', { alertDelay: 86_400_000 }],
    ['WWDB_ROTATION_CLOCK_SKEW', '30s', { clockSkew: 30_000 }],
    ['WWDB_ROTATION_ARCHIVE', 'a', { archive: '/project/below/a' }],
    ['WWDB_ROTATION_CONNECTIONS', '2', { connections: 2 }],
  ])('yields to %s', (variable, value, expected) => {
    const rotation = { schedule: '1 * * * *', zone: 'UTC', alertDelay: '9d', archive: 'b', connections: 1 }
    const { config, faults } = resolve(rotation, { environment: { [variable]: value } })
    expect(faults).toEqual([])
    expect(config.rotation).toMatchObject(expected)
  })

  it("keeps the headers that it replaces, with their places: the environment's before the file's", () => {
    const rotation = { families: { messages: { keep: '24 months', cap: 3 }, logs: { keep: '90 days' } } }
    const environments = { test: { rotation: { families: { messages: { keep: '1 month' } } } } }
    const { config, entries } = resolve(rotation, { environmentName: 'test' }, { environments })
    expect(config.rotation.overrides.map(({ family, header, text, name }) => [family, header, text, name])).toEqual([
      ['messages', 'keep', '1 month', 'environments.test.rotation.families.messages.keep'],
      ['messages', 'cap', '3', 'rotation.families.messages.cap'],
      ['logs', 'keep', '90 days', 'rotation.families.logs.keep'],
    ])
    expect(config.rotation.overrides[0]).toMatchObject({ where: { file: 'wwdb.config.json', line: 22 } })
    expect(entries.find(({ path }) => path === 'rotation.families.messages.keep')?.value).toBe('1 month')
  })

  it.each([
    [{ schedul: '1 * * * *' }, 'rotation.schedul is not a known key. Did you mean `schedule`?'],
    [{ schedule: '' }, 'rotation.schedule is "", not five fields between single spaces'],
    [{ schedule: '99 * * * *' }, 'rotation.schedule is "99 * * * *", '],
    [{ zone: 'Mars' }, 'rotation.zone is "Mars", which is not an IANA time zone.'],
    [
      { alertDelay: '2' },
      'rotation.alertDelay is "2", a number without a unit. Write `2s` for seconds, `2ms` for milliseconds or `2d` for days.',
    ],
    [{ alertDelay: 2 }, 'rotation.alertDelay is 2, a number without a unit. Write "2 days", for instance.'],
    [{ alertDelay: '1 month' }, 'rotation.alertDelay is "1 month", given in "month", whose length varies.'],
    [{ connections: 0 }, 'rotation.connections must be at least 1, not 0.'],
    [{ archive: '' }, 'rotation.archive is "", which does not name a folder. Write `archives`, or leave it out.'],
    [
      { families: { messages: { kep: '1 year' } } },
      'rotation.families.messages.kep is not a known key. Did you mean `keep`?',
    ],
    [{ families: { messages: { keep: 24 } } }, 'rotation.families.messages.keep is 24, a number without a unit.'],
    [{ families: { messages: { cap: '3' } } }, 'rotation.families.messages.cap must be a number, not "3".'],
    [{ families: { 'a b': {} } }, 'rotation.families["a b"] is not a valid name.'],
    [
      { families: { messages: { reference: '(a) b.c(d)' } } },
      'rotation.families.messages.reference is not a known key. Did you mean `references`?',
    ],
  ])('%j is refused', (rotation, sentence) => {
    const said = sentences(resolve(rotation))
    expect(said).toHaveLength(1)
    expect(said[0]).toContain(sentence)
  })
})

describe('the folders of templates', () => {
  it('are named by database, and must be there where the configuration names them', () => {
    const { config } = resolveText(JSON.stringify({ ...app, databases: { a: { templates: './t' }, b: {} } }))
    expect(config.databases.map(({ templates, templatesNamed }) => [templates, templatesNamed])).toEqual([
      ['/project/t', true],
      ['/project/shard-templates/b', false],
    ])
  })

  it('are one for each database', () => {
    const databases = { one: { templates: 't' }, two: { templates: './t/' } }
    expect(sentences(resolveText(JSON.stringify({ ...app, databases })))).toEqual([
      '`databases.one` and `databases.two` both read their templates from `./t/`. Give each its own "templates" folder.',
    ])
  })
})
