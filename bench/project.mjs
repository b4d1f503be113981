import { createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'

/**
 * The same work for both: a project for wwdb, and one file for the `mysql` client, which is as fast as it gets there.
 * @typedef {object} Project
 * @property {string} config
 * @property {string} script
 */

/**
 * @typedef {object} Migration
 * @property {string} name
 * @property {string} up
 * @property {string} down
 */

/**
 * @param {import('./server.mjs').Server} server
 * @param {string} name of the folder
 * @param {Readonly<Record<string, readonly Migration[]>>} databases
 * @returns {Promise<Project>}
 */
export async function makeProject(server, name, databases) {
  const root = join(server.directory, name)
  let script = ''
  for (const [database, migrations] of Object.entries(databases)) {
    const folder = join(root, 'migrations', database)
    await mkdir(folder, { recursive: true })
    script += `USE \`${database}\`;\n`
    for (const [index, migration] of migrations.entries()) {
      const file = `${String(index + 1).padStart(4, '0')}_${migration.name}.sql`
      await writeFile(join(folder, file), `-- migrate:up\n${migration.up}\n-- migrate:down\n${migration.down}`)
      script += migration.up
    }
  }
  await writeFile(join(root, 'all.sql'), script)
  return { config: await writeConfig(root, server, Object.keys(databases)), script: join(root, 'all.sql') }
}

/**
 * A project of one migration that is too large to hold.
 * @param {import('./server.mjs').Server} server
 * @param {string} database
 * @param {string} create
 * @param {Iterable<string>} statements
 * @returns {Promise<{config: string, bytes: number}>}
 */
export async function makeLargeProject(server, database, create, statements) {
  const root = join(server.directory, database)
  const folder = join(root, 'migrations', database)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, '0001_create.sql'), `-- migrate:up\n${create}\n-- migrate:down\nDROP TABLE \`large\`;\n`)
  const file = createWriteStream(join(folder, '0002_fill.sql'))
  file.write('-- migrate:up\n')
  for (const statement of statements) {
    if (!file.write(statement)) await new Promise((settle) => file.once('drain', settle))
  }
  file.end()
  await finished(file)
  return { config: await writeConfig(root, server, [database]), bytes: file.bytesWritten }
}

/**
 * @param {string} root
 * @param {import('./server.mjs').Server} server
 * @param {readonly string[]} databases
 */
async function writeConfig(root, server, databases) {
  const entries = databases.map((name) => [name, { migrations: `migrations/${name}` }])
  const config = join(root, 'wwdb.config.json')
  await writeFile(config, JSON.stringify({ url: server.url, databases: Object.fromEntries(entries) }, null, 2))
  return config
}

/**
 * Makes the schemas new and empty.
 * @param {import('./server.mjs').Server} server
 * @param {readonly string[]} names
 */
export async function resetSchemas(server, names) {
  await server.query(names.map((name) => `DROP SCHEMA IF EXISTS \`${name}\`; CREATE SCHEMA \`${name}\`;`).join(' '))
}

/**
 * A table as wide as the platform's: twenty columns, a primary key and six indexes.
 * @param {number} number
 * @returns {Migration}
 */
export function createTable(number) {
  const table = `table_${String(number).padStart(3, '0')}`
  return {
    name: `create_${table}`,
    up: `CREATE TABLE \`${table}\` (
  \`id\` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'ID',
  \`uuid\` VARCHAR(36) NOT NULL COMMENT 'UUID',
  \`account_id\` BIGINT UNSIGNED NOT NULL COMMENT '账号ID',
  \`wxid\` VARCHAR(100) NOT NULL COMMENT '微信ID',
  \`nickname\` VARCHAR(100) DEFAULT NULL COMMENT '昵称',
  \`remark\` VARCHAR(100) DEFAULT NULL COMMENT '备注名',
  \`avatar_url\` VARCHAR(500) DEFAULT NULL COMMENT '头像URL',
  \`phone\` VARCHAR(20) DEFAULT NULL COMMENT '手机号',
  \`gender\` TINYINT(1) DEFAULT NULL COMMENT '性别: 0-未知, 1-男, 2-女',
  \`signature\` TEXT DEFAULT NULL COMMENT '个性签名',
  \`type\` TINYINT(1) NOT NULL DEFAULT 1 COMMENT '类型',
  \`status\` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '状态: 0-离线, 1-在线, 2-异常, 3-被封',
  \`chat_count\` INT NOT NULL DEFAULT 0 COMMENT '聊天次数',
  \`progress\` DECIMAL(5,2) NOT NULL DEFAULT 0 COMMENT '进度百分比',
  \`tags\` JSON DEFAULT NULL COMMENT '标签',
  \`custom_fields\` JSON DEFAULT NULL COMMENT '自定义字段',
  \`last_sync_time\` DATETIME DEFAULT NULL COMMENT '最后同步时间',
  \`created_at\` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT '创建时间',
  \`updated_at\` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP COMMENT '更新时间',
  \`deleted_at\` DATETIME DEFAULT NULL COMMENT '删除时间',
  PRIMARY KEY (\`id\`),
  UNIQUE KEY \`uk_uuid\` (\`uuid\`),
  UNIQUE KEY \`uk_account_wxid\` (\`account_id\`, \`wxid\`),
  KEY \`idx_nickname\` (\`nickname\`),
  KEY \`idx_status\` (\`status\`),
  KEY \`idx_last_sync\` (\`last_sync_time\`),
  KEY \`idx_deleted\` (\`deleted_at\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='${table}';
`,
    down: `DROP TABLE \`${table}\`;\n`,
  }
}

/**
 * A migration of one row.
 * @param {number} number
 * @returns {Migration}
 */
export function insertRow(number) {
  return {
    name: `insert_${number}`,
    up: `INSERT INTO \`entries\` (\`id\`, \`name\`, \`note\`) VALUES (${number}, 'entry ${number}', '第${number}行');\n`,
    down: `DELETE FROM \`entries\` WHERE \`id\` = ${number};\n`,
  }
}

/** The table that `insertRow` fills. @type {Migration} */
export const createEntries = {
  name: 'create_entries',
  up: 'CREATE TABLE `entries` (`id` BIGINT UNSIGNED NOT NULL PRIMARY KEY, `name` VARCHAR(100) NOT NULL, `note` TEXT);\n',
  down: 'DROP TABLE `entries`;\n',
}

/** @param {number} length @param {(number: number) => Migration} make */
export function migrations(length, make) {
  return Array.from({ length }, (_, index) => make(index + 1))
}
