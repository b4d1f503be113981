import { fileURLToPath } from 'node:url'
import { createConnection } from 'mysql2/promise'
import { inSeconds, interleave, measureIfMain, median, runWwdb } from './harness.mjs'

const folder = fileURLToPath(new URL('..', import.meta.url))
const config = fileURLToPath(new URL('../wwdb.config.json', import.meta.url))
const databases = ['user_db', 'instance_db', 'message_db', 'contact_db', 'monitor_db']
/** At most so much of the time of a migration. */
const ratioLimit = 0.4
/** Milliseconds. */
const resetLimit = 50
/** Milliseconds, where nothing changed. */
const idleResetLimit = 8
/** The time of one is small beside that of a clock's tick and of other programs. */
const idleResets = 60

/** `provision up` from its template, beside the commands that make the same from the definitions. @type {import('./harness.mjs').Measure} */
export async function provisionClone({ server, rounds }) {
  const where = ['--config', config, '--url', server.url]
  const wwdb = (/** @type {string[]} */ ...words) => runWwdb([...words, ...where])
  const fresh = ['--prefix', 'bench_fresh_']
  await wwdb('provision', 'up', '--name', 'bench')
  const seconds = await interleave(rounds, [
    {
      name: 'fresh',
      prepare: async () => {
        const drops = databases.map((name) => `DROP SCHEMA IF EXISTS bench_fresh_${name};`)
        await server.query(`SET foreign_key_checks=0; ${drops.join(' ')}`)
      },
      run: async () => {
        await wwdb('db', 'create', ...fresh)
        await wwdb('migrate', ...fresh)
        await wwdb('seed', ...fresh)
        await wwdb('rotate', 'run', ...fresh)
      },
    },
    {
      name: 'clone',
      prepare: () => wwdb('provision', 'down', '--name', 'bench'),
      run: () => wwdb('provision', 'up', '--name', 'bench'),
    },
  ])
  const ratio = seconds('clone') / seconds('fresh')
  return [
    {
      name: 'a set of the platform, cloned',
      wwdb: inSeconds(seconds('clone')),
      reference: `migrate, seed, rotate ${inSeconds(seconds('fresh'))}`,
      value: `${ratio.toFixed(2)} x`,
      limit: `${ratioLimit} x`,
      passed: ratio <= ratioLimit,
    },
  ]
}

/** `reset()` after three touched tables, of the platform's set. @type {import('./harness.mjs').Measure} */
export async function provisionReset({ server, rounds }) {
  const { provision } = await import('../dist/testing/testing.mjs')
  const set = await provision({ cwd: folder, url: server.url, server: 'given' })
  const connection = await createConnection({ uri: set.urls.user_db })
  /** @type {number[]} */
  const times = []
  try {
    for (let round = 0; round <= rounds; round += 1) {
      await connection.query(`UPDATE roles SET description='touched' LIMIT 1`)
      await connection.query('DELETE FROM role_permissions LIMIT 2')
      await connection.query('SET foreign_key_checks=0')
      await connection.query('INSERT INTO user_roles (user_id, role_id) VALUES (1, 1)')
      const start = performance.now()
      const { restored } = await set.reset()
      if (round > 0) times.push(performance.now() - start)
      if (restored.length !== 3) throw new Error(`reset found ${restored.join(', ')}`)
    }
  } finally {
    await connection.end()
    await set.dispose()
  }
  const milliseconds = times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0
  return [
    {
      name: 'reset after three touched tables',
      wwdb: `${milliseconds.toFixed(0)} ms`,
      reference: '',
      value: `${milliseconds.toFixed(0)} ms`,
      limit: `${resetLimit} ms`,
      passed: milliseconds <= resetLimit,
    },
  ]
}

/** `reset()` where nothing changed, beside a question that asks nothing, in turn. @type {import('./harness.mjs').Measure} */
export async function provisionIdleReset({ server }) {
  const { provision } = await import('../dist/testing/testing.mjs')
  const set = await provision({ cwd: folder, url: server.url, server: 'given' })
  const connection = await createConnection({ uri: set.urls.user_db })
  /** @type {number[]} */
  const resets = []
  /** @type {number[]} */
  const trips = []
  const time = async (/** @type {number[]} */ times, /** @type {() => Promise<unknown>} */ work) => {
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
  }
  try {
    // The first reads definitions.
    for (let count = 0; count < 3; count += 1) await set.reset()
    for (let count = 0; count < idleResets; count += 1) {
      await time(trips, () => connection.query('SELECT 1'))
      await time(resets, () => set.reset())
    }
  } finally {
    await connection.end()
    await set.dispose()
  }
  const [reset, trip] = [median(resets), median(trips)]
  return [
    {
      name: 'reset where nothing changed',
      wwdb: `${reset.toFixed(1)} ms, at least ${Math.min(...resets).toFixed(1)}`,
      reference: `SELECT 1 ${trip.toFixed(2)} ms`,
      value: `${reset.toFixed(1)} ms, ${(reset / trip).toFixed(0)} x`,
      limit: `${idleResetLimit} ms`,
      passed: reset <= idleResetLimit,
    },
  ]
}

/** All. @type {import('./harness.mjs').Measure} */
async function provisioning(bench) {
  return [...(await provisionClone(bench)), ...(await provisionReset(bench)), ...(await provisionIdleReset(bench))]
}

await measureIfMain(import.meta.url, provisioning)
