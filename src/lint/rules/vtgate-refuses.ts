import type { InBoth } from '../../core/in-both.ts'
import { fileRefusals, type RefusedFile } from '../../sql/keyspace/refuse-file.ts'
import { refuseStatement } from '../../sql/keyspace/refuse-statement.ts'
import type { FileRule, PlacedFinding } from '../rule.ts'
import type { FileSubject, LintFile, LintKeyspace } from '../subjects.ts'

const unasked = { isSharded: null }
const messages = 'CREATE TABLE messages (id BIGINT PRIMARY KEY, body VARCHAR(20))'
const parted =
  'CREATE TABLE messages (id BIGINT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (9)); CREATE TABLE kept (id BIGINT PRIMARY KEY)'

export const vtgateRefuses: FileRule = {
  code: 'VTGATE_REFUSES',
  looksAt: 'file',
  severity: 'error',
  family: 'compatibility',
  title: {
    en: 'In a file for a keyspace of Vitess, what does not run through vtgate',
    zh: '用于 Vitess keyspace 的文件中，有不能经由 vtgate 执行的内容',
  },
  why: {
    en: 'The plan refuses it before anything runs. Files are judged for vtgate where the database has `vitess` in the configuration, or where `lint.platform` is `vitess`.',
    zh: '计划会在执行任何内容之前拒绝它。配置中该库有 `vitess`，或 `lint.platform` 为 `vitess` 时，文件按 vtgate 审查。',
  },
  fix: {
    en: 'Write it differently, or put what only MySQL runs into a file of its own with `-- wwdb:when platform=mysql`.',
    zh: '请换一种写法；只在 MySQL 上执行的内容请放进单独的文件，并写 `-- wwdb:when platform=mysql`。',
  },
  manual: 'https://vitess.io/docs/reference/compatibility/mysql-compatibility/',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE p (id BIGINT PRIMARY KEY); CREATE TABLE a (id BIGINT PRIMARY KEY, p_id BIGINT, FOREIGN KEY (p_id) REFERENCES p (id))',
        keyspace: unasked,
      },
      {
        sql: 'ALTER TABLE a ADD FOREIGN KEY (u) REFERENCES {{schema:other}}.users (id)',
        setup: 'CREATE TABLE a (id BIGINT PRIMARY KEY, u BIGINT)',
        keyspace: unasked,
      },
      { sql: 'CREATE PROCEDURE p() SELECT 1', keyspace: unasked },
      { sql: 'CREATE TRIGGER g BEFORE INSERT ON a FOR EACH ROW SET NEW.id = 1', keyspace: unasked },
      { sql: 'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM a WHERE id = 1', keyspace: unasked },
      { sql: 'CALL p()', keyspace: unasked },
      { sql: 'CREATE TEMPORARY TABLE t (id INT PRIMARY KEY)', keyspace: unasked },
      { sql: 'TRUNCATE TABLE messages', setup: messages, keyspace: unasked },
      { sql: 'RENAME TABLE messages TO letters', setup: messages, keyspace: unasked },
      { sql: 'ALTER TABLE messages ADD COLUMN n INT, RENAME TO letters', setup: messages, keyspace: unasked },
      { sql: 'ALTER TABLE messages EXCHANGE PARTITION p0 WITH TABLE kept', setup: parted, keyspace: unasked },
      { sql: 'ALTER TABLE messages TRUNCATE PARTITION p0', setup: parted, keyspace: unasked },
      { sql: 'ALTER TABLE messages DISCARD TABLESPACE', setup: messages, keyspace: unasked },
      { sql: "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'a')", keyspace: unasked },
      { sql: 'ALTER TABLE a DROP FOREIGN KEY f', keyspace: unasked },
      { sql: 'TABLE messages', setup: messages, keyspace: unasked },
      { sql: 'SET @a = 1', keyspace: unasked },
      { sql: "PREPARE s FROM 'SELECT 1'", keyspace: unasked },
      { sql: 'INSERT INTO messages (id) VALUES (LAST_INSERT_ID())', setup: messages, keyspace: unasked },
      { sql: 'ANALYZE TABLE messages', setup: messages, keyspace: unasked },
      { sql: "CREATE USER 'a'@'%'", keyspace: unasked },
      { sql: 'CREATE DATABASE elsewhere', keyspace: unasked },
      {
        sql: 'INSERT INTO messages (id, body) SELECT id, name FROM {{schema:other}}.users',
        setup: messages,
        keyspace: unasked,
      },
      { sql: '-- wwdb:batch\nDELETE FROM messages WHERE id > 5', setup: messages, keyspace: unasked },
      { sql: 'DROP TABLE messages', down: 'CALL restore_messages()', setup: messages, keyspace: unasked },
      { sql: 'ALTER TABLE {{table}} ADD COLUMN n INT', headers: '-- wwdb:shards messages', keyspace: unasked },
      {
        sql: 'ALTER VSCHEMA ADD TABLE messages',
        headers: '-- wwdb:when platform=vitess',
        keyspace: { isSharded: true },
      },
      {
        sql: 'ALTER VSCHEMA ON messages ADD VINDEX by_id (id) USING xxhash',
        headers: '-- wwdb:when platform=vitess',
        keyspace: { isSharded: false },
      },
    ],
    clean: [
      { sql: messages, down: 'DROP TABLE messages', keyspace: unasked },
      {
        sql: 'INSERT INTO messages (id, body) VALUES (1, "other.users")',
        setup: messages,
        keyspace: { isSharded: true },
      },
      {
        sql: `${messages}; ALTER VSCHEMA ON messages ADD VINDEX by_id (id) USING xxhash`,
        headers: '-- wwdb:when platform=vitess',
        keyspace: unasked,
      },
      { sql: 'ALTER TABLE messages RENAME COLUMN body TO text', setup: messages, keyspace: unasked },
      { sql: 'ALTER TABLE messages DROP PARTITION p0', setup: parted, keyspace: unasked },
      { sql: 'CREATE PROCEDURE p() SELECT 1' },
      { sql: 'CREATE PROCEDURE p() SELECT 1', headers: '-- wwdb:when platform=mysql', keyspace: unasked },
      {
        sql: 'ALTER TABLE a ADD FOREIGN KEY (u) REFERENCES {{schema:other}}.users (id)',
        headers: '-- wwdb:when references=physical',
        setup: 'CREATE TABLE a (id BIGINT PRIMARY KEY, u BIGINT)',
        keyspace: unasked,
      },
    ],
  },
  find: ({ file, keyspace }) => (keyspace === null || !runsThere(file, keyspace) ? [] : findRefused(file, keyspace)),
}

/** False for a file that a condition leaves out on a keyspace. */
function runsThere({ conditions }: LintFile, { isPhysical }: LintKeyspace): boolean {
  return conditions.every((condition) => {
    if (condition.type === 'platform') return condition.value === 'vitess'
    return condition.type !== 'references' || (condition.value === 'physical') === isPhysical
  })
}

function findRefused(file: LintFile, keyspace: NonNullable<FileSubject['keyspace']>): readonly PlacedFinding[] {
  const whole = refusedWhole(file)
  if (whole !== null) {
    const { is, why, next } = fileRefusals[whole]
    return [{ message: { en: `The file ${is.en}. ${why.en}`, zh: `该文件${is.zh}。${why.zh}` }, fix: next }]
  }
  return [...file.up, ...(file.down ?? [])].flatMap(({ statement }): readonly PlacedFinding[] => {
    const refusal = refuseStatement(statement, keyspace)
    if (refusal === null) return []
    const message: InBoth = {
      en: `${statement.verb} does not run through vtgate. ${refusal.why.en}`,
      zh: `${statement.verb} 不能经由 vtgate 执行。${refusal.why.zh}`,
    }
    return [{ message, fix: refusal.next, statement }]
  })
}

function refusedWhole({ shards, kind, partial }: LintFile): RefusedFile | null {
  if (shards !== null) return 'family'
  if (kind === 'data') return 'code'
  return partial ? 'large' : null
}
