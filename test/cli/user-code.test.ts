import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type JsonRun, readAnswer } from '../helpers/documents/published.ts'
import { withProjects } from '../helpers/tool/project.ts'
import { migration, type Stage, withStages } from '../helpers/tool/stage.ts'
import { runTool, startTool } from '../helpers/tool/tool.ts'

const openStage = withStages()
const project = withProjects()
const table = migration('CREATE TABLE t (id INT PRIMARY KEY, note TEXT);', 'DROP TABLE t;')
const insert = "await knex('t').insert({ id: 1 })"
const file = 'migrations/app/0002_code.mjs'

/** A module with one function; `{` opens the first line of the file, so that its code stands on line 2. */
function code(body: string, name = 'up'): string {
  return `export async function ${name}(knex) {\n  ${body}\n}\n`
}

function openCode(text: string): Promise<Stage> {
  return openStage({ files: { 'app/0001_t.sql': table, [file]: text } })
}

/** The only outcome of a run. */
function outcomeOf({ answer }: JsonRun): unknown {
  const outcomes: unknown = answer['outcomes']
  return Array.isArray(outcomes) ? outcomes[0] : undefined
}

/** Whether a process is there. */
function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch {
    return false
  }
}

describe('code of users that ends badly fails with a sentence, keeps nothing, and lets the next run begin', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({
      files: {
        'app/0001_t.sql': table,
        'node_modules/leaver/package.json': '{ "name": "leaver", "main": "index.js" }',
        'node_modules/leaver/index.js': 'exports.leave = () => setImmediate(() => process.exit(0))',
      },
    })
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  })

  const lastly = 'await new Promise((resolve) => setTimeout(resolve, 60_000))'
  const exited = 'The code ended its own process with exit code 0 before `up()` had finished.'
  const cases: readonly (readonly [string, string, { code: string; what: string; line?: number }])[] = [
    ['process.exit(0)', code(`${insert}; process.exit(0)`), { code: 'MODULE_EXITED', what: exited, line: 2 }],
    ['process.exit(0) at import', `process.exit(0)\n${code(insert)}`, { code: 'MODULE_EXITED', what: exited, line: 1 }],
    [
      'a library that exits',
      `import { leave } from 'leaver'\n${code(`${insert}; leave(); ${lastly}`)}`,
      { code: 'MODULE_EXITED', what: exited },
    ],
    [
      'process.exit(0) with a query under way',
      code(
        `${insert}; knex.raw('SELECT SLEEP(600)').then(() => {}); setTimeout(() => process.exit(0), 200); ${lastly}`,
      ),
      { code: 'MODULE_EXITED', what: exited, line: 2 },
    ],
    [
      'a promise that nothing resolves',
      code(`${insert}; await new Promise(() => {})`),
      { code: 'MODULE_STUCK', what: '`up()` waits for something that never happens.' },
    ],
    [
      'a kill',
      code(`${insert}; process.kill(process.pid, 'SIGKILL'); ${lastly}`),
      { code: 'MODULE_EXITED', what: 'The process of `up()` was ended by SIGKILL before the function had finished.' },
    ],
    [
      'a promise that is rejected and left alone',
      code(`${insert}; Promise.reject(new Error('not adopted')); ${lastly}`),
      {
        code: 'MODULE_FAILED',
        what: 'A promise of `up()` was rejected, and nothing handled the rejection.',
        line: 2,
      },
    ],
    [
      'a callback that throws',
      code(`${insert}; setTimeout(() => { throw new Error('in a callback') }); ${lastly}`),
      { code: 'MODULE_FAILED', what: 'A callback of `up()` threw an error.', line: 2 },
    ],
    [
      'a query that is sent and not awaited, and fails',
      code(`${insert}; knex.raw('DO no_such_function()').then(() => {})`),
      { code: 'MODULE_FAILED', what: 'A promise of `up()` was rejected, and nothing handled the rejection.', line: 2 },
    ],
    [
      'a query that nothing awaits',
      code(`${insert}; knex('t').insert({ id: 2 })`),
      { code: 'QUERY_NOT_AWAITED', what: '`up()` made a query (INSERT) that was never run.', line: 2 },
    ],
    [
      'an error that looks like one of the server',
      code(`${insert}; (await import('node:fs')).readFileSync('/no/such/file')`),
      { code: 'MODULE_FAILED', what: 'up() of `0002_code` threw an error.', line: 2 },
    ],
    [
      'a value that cannot be sent',
      code(`await knex.raw('SELECT 1').options({ typeCast: () => 1 })`),
      { code: 'DATA_MIGRATION_REFUSED', what: 'A value or an option of a query is a function.', line: 2 },
    ],
  ]
  test.each(cases)('%s', async (_, text, { code: reason, what, line }) => {
    stage.write(file, text)
    const run = await stage.json(['migrate'])
    expect(run.exitCode).toBe(2)
    expect(outcomeOf(run)).toMatchObject({
      state: 'failed',
      notDone: ['0002_code'],
      code: reason,
      fault: { what, where: { file, ...(line === undefined ? {} : { line }) } },
    })
    expect(await stage.query('SELECT * FROM t')).toEqual([])
  })

  test('the sentence is on stderr without --json', async () => {
    stage.write(file, code(`${insert}; process.exit(0)`))
    const run = await stage.start(['migrate']).ended
    expect(run).toMatchObject({ exitCode: 2 })
    expect(run.stderr).toContain(exited)
    expect(run.stderr).toContain(`${file}:2:`)
    expect(run.stderr).not.toContain('defect')
  })

  test('a query that is sent and not awaited is waited for, and the next run is a good one', async () => {
    stage.write(file, code(`knex.raw('DO SLEEP(0.3)').then(() => knex('t').insert({ id: 7 })).then(() => {})`))
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await stage.query('SELECT id FROM t')).toEqual([[7]])
  })
})

test('down() is no better than up(), in rollback and in redo', async () => {
  const stage = await openCode(`${code(insert)}${code(`await knex('t').del(); process.exit(0)`, 'down')}`)
  expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  for (const command of ['rollback', 'redo']) {
    const run = await stage.json([command, '--yes'])
    expect([command, run.exitCode]).toEqual([command, 2])
    expect(outcomeOf(run)).toMatchObject({ state: 'failed', code: 'MODULE_EXITED' })
  }
  expect(await stage.query('SELECT id FROM t')).toEqual([[1]])
})

test('what exits in a data migration fails up and provision, too', async () => {
  const stage = await openCode(code(`${insert}; process.exit(0)`))
  const set = `exits${process.pid}`
  for (const args of [['up'], ['provision', 'up', '--name', set]]) {
    const run = await stage.run([...args, '--json'])
    expect([args, run.exitCode]).toEqual([args, 2])
    expect(run.stdout.trimEnd().split('\n').at(-1)).toContain('The code ended its own process')
  }
  expect(await stage.query(`SHOW DATABASES LIKE '%${set}%'`)).toEqual([])
})

describe('code of users that hangs is ended within seconds, and the lock is free again', () => {
  const hanging = (how: string): string => code(`${insert}; console.log('it hangs', process.pid); ${how}`)
  const forms = {
    'an endless loop': 'for (;;) {}',
    'a timer': 'await new Promise((resolve) => setTimeout(resolve, 600_000))',
    'a query': `await knex.raw('SELECT SLEEP(600)')`,
    'a program': `(await import('node:child_process')).execSync('sleep 20')`,
  } as const

  async function endsWith(stage: Stage, signals: readonly NodeJS.Signals[]) {
    const tool = stage.start(['migrate', '--json'])
    await tool.says('stderr', 'it hangs')
    for (const [index, signal] of signals.entries()) {
      tool.child.kill(signal)
      if (index === 0) await tool.says('stdout', '"how":"after-statement"')
    }
    const started = performance.now()
    const { exitCode, stdout } = await tool.ended
    expect(performance.now() - started).toBeLessThan(15_000)
    const last: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
    return { exitCode, last }
  }

  async function isWhole(stage: Stage): Promise<void> {
    expect(await stage.query('SELECT * FROM t')).toEqual([])
    stage.write(file, code(insert))
    expect(await stage.run(['migrate', '--lock-timeout', '1s'])).toMatchObject({ exitCode: 0 })
    expect(await stage.query('SELECT id FROM t')).toEqual([[1]])
  }

  test.each(Object.keys(forms))('%s: by --statement-timeout', async (name) => {
    const stage = await openCode(hanging(forms[name as keyof typeof forms]))
    const run = await stage.json(['migrate', '--statement-timeout', '1s'])
    expect(run.exitCode).toBe(2)
    expect(outcomeOf(run)).toMatchObject({ state: 'failed', code: 'STATEMENT_TIMEOUT' })
    await isWhole(stage)
  })

  test('an endless loop at import: by --statement-timeout', async () => {
    const stage = await openCode(`for (;;) {}\n${code(insert)}`)
    const run = await stage.json(['migrate', '--statement-timeout', '1s'])
    expect(outcomeOf(run)).toMatchObject({ state: 'failed', code: 'STATEMENT_TIMEOUT' })
    await isWhole(stage)
  })

  test.each(['an endless loop', 'a query'] as const)('%s: by Ctrl-C twice', async (name) => {
    const stage = await openCode(hanging(forms[name]))
    expect(await endsWith(stage, ['SIGINT', 'SIGINT'])).toMatchObject({ exitCode: 130, last: { exitCode: 130 } })
    await isWhole(stage)
  })

  test('an endless loop: by the third signal there and then, with a last line', async () => {
    const stage = await openCode(hanging(forms['an endless loop']))
    const tool = stage.start(['migrate', '--json'])
    await tool.says('stderr', 'it hangs')
    for (const how of ['after-statement', 'kill']) {
      tool.child.kill('SIGINT')
      await tool.says('stdout', `"how":"${how}"`)
    }
    tool.child.kill('SIGINT')
    const { exitCode, stdout } = await tool.ended
    expect(exitCode).toBe(130)
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ exitCode: 130 })
    await isWhole(stage)
  })

  test('an endless loop: by one SIGTERM, which is not sent twice', async () => {
    const stage = await openCode(hanging(forms['an endless loop']))
    expect(await endsWith(stage, ['SIGTERM'])).toMatchObject({
      exitCode: 143,
      last: { type: 'result', outcomes: [{ state: 'stopped' }] },
    })
    await isWhole(stage)
  })

  test('an endless loop: by the end of the tool itself', async () => {
    const stage = await openCode(hanging(forms['an endless loop']))
    const tool = stage.start(['migrate'])
    await tool.says('stderr', 'it hangs')
    tool.child.kill('SIGKILL')
    const { stdout, stderr } = await tool.ended
    expect(stdout).not.toContain('it hangs')
    const processId = Number(/it hangs (\d+)/.exec(stderr)?.[1])
    await expect.poll(() => isRunning(processId)).toBe(false)
    await isWhole(stage)
  })
})

describe('seeds in code', () => {
  let stage: Stage
  const seed = 'seeds/app/10_code.mjs'
  beforeAll(async () => {
    stage = await openStage({ files: { 'app/0001_t.sql': table } })
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  })

  test.each([
    ['process.exit(0)', 'process.exit(0)', 'MODULE_EXITED', { line: 2 }],
    ['a promise that nothing resolves', 'await new Promise(() => {})', 'MODULE_STUCK', {}],
    [
      'a promise that is rejected and left alone',
      `void Promise.reject(new Error('alone')); await new Promise(() => {})`,
      'MODULE_FAILED',
      { line: 2 },
    ],
    ['a query that nothing awaits', `knex('t').insert({ id: 2 })`, 'QUERY_NOT_AWAITED', { line: 2 }],
    ['an error', `throw new Error('no such luck')`, 'SEED_FAILED', { line: 2 }],
    ['an error of the server', `await knex('t').insert({ nope: 1 })`, 'SEED_REFUSED', { line: 2 }],
    ['an endless loop', 'for (;;) {}', 'STATEMENT_TIMEOUT', {}],
  ] as const)('fail with a sentence, too: %s', async (_, body, reason, place) => {
    stage.write(seed, code(`${insert}; ${body}`, 'seed'))
    const limit = reason === 'STATEMENT_TIMEOUT' ? '1s' : '60s'
    const run = await stage.json(['seed', '--statement-timeout', limit])
    expect(run.exitCode).toBe(2)
    expect(outcomeOf(run)).toMatchObject({
      state: 'failed',
      code: reason,
      fault: { where: { file: seed, database: 'app', ...place } },
    })
    expect(await stage.query('SELECT * FROM t')).toEqual([])
  })

  test('are stopped by one SIGTERM when they hang, and run the next time', async () => {
    stage.write(seed, code(`${insert}; console.error('it hangs'); for (;;) {}`, 'seed'))
    const tool = stage.start(['seed'])
    await tool.says('stderr', 'it hangs')
    tool.child.kill('SIGTERM')
    expect(await tool.ended).toMatchObject({ exitCode: 143 })
    stage.write(seed, code(insert, 'seed'))
    expect(await stage.run(['seed', '--lock-timeout', '1s'])).toMatchObject({ exitCode: 0 })
    expect(await stage.query('SELECT id FROM t')).toEqual([[1]])
  })
})

test('values of every type arrive as they were sent, and what is printed goes to stderr', async () => {
  const stage = await openStage({
    files: {
      'app/0001_v.sql': migration(
        'CREATE TABLE v (id BIGINT UNSIGNED PRIMARY KEY, d DECIMAL(30,10), b VARBINARY(20), t DATETIME(3), j JSON, y TINYINT(1), n INT);',
      ),
      [file]: `import assert from 'node:assert/strict'
export async function up(knex) {
  const at = new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678))
  const row = { id: 18446744073709551615n, d: '12345678901234567890.0123456789', b: Buffer.from([0, 255, 39]), t: at, j: JSON.stringify({ a: [1] }), y: true, n: null }
  const inserted = await knex('v').insert(row)
  assert.equal(inserted.length, 1)
  const [found] = await knex('v').select()
  assert.ok(Buffer.isBuffer(found.b))
  assert.deepEqual({ ...found, b: [...found.b] }, { id: '18446744073709551615', d: '12345678901234567890.0123456789', b: [0, 255, 39], t: '2026-01-02 03:04:05.678', j: { a: [1] }, y: 1, n: null })
  const [rows, fields] = await knex.raw('SELECT id, b FROM v WHERE t = ?', [at])
  assert.deepEqual([rows.length, fields.map((field) => [field.name, field.table])], [1, [['id', 'v'], ['b', 'v']]])
  assert.equal(await knex('v').update({ n: 5 }), 1)
  assert.deepEqual(await knex('v').pluck('n'), [5])
  await knex('v').where({ n: 5 }).del()
  await knex.raw("INSERT INTO v (id, b) WITH RECURSIVE c AS (SELECT 1 n UNION ALL SELECT n + 1 FROM c WHERE n < 1000) SELECT a.n * 1000 + b.n, REPEAT('x', 20) FROM c a JOIN c b ON a.n <= 20")
  assert.equal((await knex('v')).length, 20000)
  let sum = 0
  for await (const { b } of knex('v').select('b').stream()) sum += b.length
  assert.equal(sum, 400000)
  for await (const { b } of knex('v').select('b').stream()) {
    await assert.rejects(async () => knex('v').first(), /while a stream of rows/)
    break
  }
  await knex('v').where('id', '>', 1001).del()
  assert.deepEqual(await knex.transaction((trx) => trx('v').count({ n: '*' })), [{ n: 1 }])
  console.log('printed')
}
`,
    },
  })
  const json = readAnswer(await stage.start(['migrate', '--json']).ended)
  expect(outcomeOf(json)).toMatchObject({ state: 'done', fault: null })
  expect(json.run.stdout).not.toContain('printed')
  expect(json.run.stderr).toContain('printed')
})

describe('a configuration in code', () => {
  const text = JSON.stringify({ databases: { app: { url: 'mysql://root@127.0.0.1:1/app' } } })

  test.each([
    ['process.exit(0)', 'process.exit(0)', 'it ended without a value'],
    ['a promise that nothing resolves', 'await new Promise(() => {})', 'it ended without a value'],
    [
      'a promise that is rejected and left alone',
      `Promise.reject(new Error('alone')); await new Promise((resolve) => setTimeout(resolve, 60_000))`,
      'alone',
    ],
  ])('that ends badly is a fault of the configuration: %s', async (_, body, why) => {
    const cwd = project({ 'wwdb.config.mjs': `${body}\nexport default ${text}\n` })
    const run = await runTool(['config', 'show', '--json'], { cwd })
    expect(run).toMatchObject({ exitCode: 78 })
    const fault = { where: { file: 'wwdb.config.mjs' }, why: expect.stringContaining(why) }
    expect(JSON.parse(run.stdout)).toMatchObject({ code: 'CONFIG_INVALID', faults: [fault] })
  })

  test('prints to stderr, and an endless loop in it stands no signal', async () => {
    const cwd = project({ 'wwdb.config.mjs': `console.log('printed')\nexport default ${text}\n` })
    const shown = await runTool(['config', 'show', '--json'], { cwd })
    expect(shown).toMatchObject({ exitCode: 0, stderr: 'printed\n' })
    expect(JSON.parse(shown.stdout)).toMatchObject({ kind: 'config' })
    const hanging = project({ 'wwdb.config.mjs': `for (;;) {}\nexport default ${text}\n` })
    const tool = startTool(['config', 'show'], { cwd: hanging })
    // Its first sign of life is that it takes the signal: before that, the system ends it.
    const signals = setInterval(() => tool.child.kill('SIGTERM'), 500)
    const { exitCode, signal } = await tool.ended
    clearInterval(signals)
    expect([exitCode, signal]).toSatisfy(([code, by]) => code === 143 || by === 'SIGTERM')
  })
})

describe('anything that ends the tool before it has answered', () => {
  /** Code that Node loads before the tool, as a library that does what it should not. */
  async function withPreload(body: string) {
    const stage = await openStage({
      files: {
        'app/0001_t.sql': table,
        'preload.cjs': `if (process.argv[1]?.endsWith('wwdb.js')) { ${body} }`,
      },
    })
    const environment = { NODE_OPTIONS: `--require ${join(stage.folder, 'preload.cjs')}` }
    return { stage, run: (args: readonly string[]) => runTool(args, { cwd: stage.folder, environment }) }
  }

  test('is a failure with a sentence: process.exit(0)', async () => {
    const { stage, run } = await withPreload("require('node:net').Socket.prototype.connect = () => process.exit(0)")
    const plain = await run(['migrate'])
    expect(plain).toMatchObject({ exitCode: 2 })
    expect(plain.stderr).toContain('wwdb ended before the command had finished.')
    const json = await run(['migrate', '--json'])
    expect(json.exitCode).toBe(2)
    expect(JSON.parse(json.stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      type: 'error',
      code: 'ENDED_EARLY',
      exitCode: 2,
    })
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  })

  test('is a failure with a sentence: nothing is left to wait for', async () => {
    const { run } = await withPreload(
      "require('node:net').Socket.prototype.connect = function () { return this }; const wait = setTimeout; globalThis.setTimeout = require('node:timers').setTimeout = (...values) => wait(...values).unref(); const every = setInterval; globalThis.setInterval = require('node:timers').setInterval = (...values) => every(...values).unref()",
    )
    const json = await run(['migrate', '--json'])
    expect(json.exitCode).toBe(2)
    expect(JSON.parse(json.stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      type: 'error',
      code: 'ENDED_EARLY',
      exitCode: 2,
    })
  })
})
