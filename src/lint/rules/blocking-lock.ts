import { hasWords, isIndexStatement, isWord, readAlterations, readOption } from '../../sql/clauses.ts'
import type { Token } from '../../sql/tokens.ts'
import type { HazardRule } from '../rule.ts'

/** Guesses from the text; where the server was asked, its answer replaces them (`explain`). */
export const lock: HazardRule = {
  code: 'BLOCKING_LOCK',
  looksAt: 'plan',
  kind: 'blocking',
  stops: true,
  severity: 'error',
  family: 'blocking',
  title: {
    en: 'Other sessions cannot write (`LOCK=SHARED`) or not even read (`LOCK=EXCLUSIVE`) the table while it is changed in place',
    zh: '就地修改期间，其他会话不能写（`LOCK=SHARED`）甚至不能读（`LOCK=EXCLUSIVE`）',
  },
  why: {
    en: 'Every write, or every read, of other sessions waits until the statement ends, and the connections of an application run out.',
    zh: '其他会话的写入（甚至读取）都要等到语句结束，应用的连接会因此耗尽。',
  },
  fix: {
    en: 'Run it when no session writes to the table, or use an online schema change tool.',
    zh: '请在没有会话写入时执行，或使用在线变更工具。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-online-ddl-operations.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, body TEXT)',
        sql: 'ALTER TABLE a ADD FULLTEXT KEY by_body (body)',
        claims: { server: 'blocks' },
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a ADD KEY by_n (n), LOCK=SHARED' },
    ],
    clean: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a ADD KEY by_n (n)' },
      { sql: 'CREATE TABLE b (id INT PRIMARY KEY, body TEXT); ALTER TABLE b ADD FULLTEXT KEY by_body (body)' },
    ],
  },
  find: ({ tokens }) => {
    const cause = findCause(tokens)
    return cause === null ? [] : [{ message: { en: `${cause}.`, zh: inChinese } }]
  },
  explain: ({ algorithm, lock: held }, size) => {
    if (algorithm !== 'INPLACE' || held === 'NONE') return null
    const others =
      held === 'SHARED'
        ? 'Other sessions cannot write to the table'
        : 'Other sessions can neither read nor write the table'
    return { message: { en: `${others} while the server changes it in place${size}.`, zh: inChinese } }
  },
}

const inChinese = '在服务器就地修改该表期间，其他会话不能写入，甚至不能读取。'

function findCause(tokens: readonly Token[]): string | null {
  const asked = readOption(tokens, 'LOCK')
  if (asked === 'SHARED') return 'It requests LOCK=SHARED: other sessions cannot write to the table meanwhile'
  if (asked === 'EXCLUSIVE')
    return 'It requests LOCK=EXCLUSIVE: other sessions can neither read nor write the table meanwhile'
  const kind = addedIndexKind(tokens)
  if (kind !== null) return `Other sessions cannot write to the table while the ${kind} index is built`
  const moves = readAlterations(tokens).some((clause) => movesPartitions(clause))
  return moves ? 'Other sessions cannot write to the table while rows move between partitions' : null
}

function addedIndexKind(tokens: readonly Token[]): string | null {
  if (isIndexStatement(tokens) && isWord(tokens[1], 'FULLTEXT', 'SPATIAL')) return tokens[1]?.text.toUpperCase() ?? null
  const adds = readAlterations(tokens).find(
    (clause) => isWord(clause[0], 'ADD') && isWord(clause[1], 'FULLTEXT', 'SPATIAL'),
  )
  return adds?.[1]?.text.toUpperCase() ?? null
}

function movesPartitions(clause: readonly Token[]): boolean {
  return hasWords(clause, 0, 'REORGANIZE', 'PARTITION') || hasWords(clause, 0, 'COALESCE', 'PARTITION')
}
