import { execFile } from 'node:child_process'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { launcher } from './harness.mjs'

const execute = promisify(execFile)
const templates = fileURLToPath(new URL('../shard-templates/contact_db', import.meta.url))

/** The platform's families of three tables for every instance. */
export const families = ['contacts', 'groups', 'group_members']

/** Tables are made over this number of connections, by wwdb and by what it is compared with. */
export const connections = 4

/**
 * A project of the instances and their shards.
 * @typedef {object} ShardsProject
 * @property {string} config
 * @property {(instances: number) => Promise<void>} reset makes both schemas new, with the given number of instances and no shard
 */

/**
 * @param {import('./server.mjs').Server} server
 * @returns {Promise<ShardsProject>}
 */
export async function makeShardsProject(server) {
  const root = join(server.directory, 'shards')
  for (const database of ['instance_db', 'contact_db'])
    await mkdir(join(root, 'migrations', database), { recursive: true })
  await cp(templates, join(root, 'shard-templates', 'contact_db'), { recursive: true })
  const config = join(root, 'wwdb.config.json')
  const databases = {
    instance_db: { migrations: 'migrations/instance_db' },
    contact_db: { migrations: 'migrations/contact_db' },
  }
  const rotation = { schedule: '17 * * * *', zone: 'UTC', alertDelay: '2d', archive: 'archives', connections }
  await writeFile(config, JSON.stringify({ url: server.url, databases, rotation }, null, 2))
  return { config, reset: (instances) => resetInstances(server, instances) }
}

/** @param {import('./server.mjs').Server} server @param {number} instances */
async function resetInstances(server, instances) {
  await server.query(`SET FOREIGN_KEY_CHECKS=0; DROP SCHEMA IF EXISTS contact_db; DROP SCHEMA IF EXISTS instance_db;
    CREATE SCHEMA contact_db; CREATE SCHEMA instance_db;
    CREATE TABLE instance_db.wework_instances (id BIGINT UNSIGNED PRIMARY KEY, deleted_at DATETIME NULL);
    SET cte_max_recursion_depth=1000000;
    INSERT INTO instance_db.wework_instances (id) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${instances}) SELECT i FROM n`)
}

/**
 * The statements that make an instance's shards, in order, as wwdb would send them.
 * @param {string} config
 * @param {string} key
 * @returns {Promise<readonly string[]>}
 */
export async function renderShards(config, key) {
  const texts = families.map(async (family) => {
    const words = [launcher, 'template', 'render', '--family', family, '--key', key, '--config', config]
    const { stdout } = await execute(process.execPath, words)
    return stdout.slice(stdout.indexOf('CREATE TABLE')).trim().replace(/;$/, '')
  })
  return Promise.all(texts)
}
