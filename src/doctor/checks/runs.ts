import { countOf } from '../../core/plural.ts'
import type { HeldName } from '../../migrations/journal/held-name.ts'
import { answering, type Check, toComplaint } from '../check.ts'

/** Runs of wwdb, and other sessions that stand against one. */
export const runChecks: readonly Check[] = [
  {
    code: 'run-stopped',
    severity: 'error',
    asks: { en: 'Did every run finish?', zh: '每次运行是否都执行到底？' },
    find: ({ databases }) =>
      databases.flatMap(({ database, server, status, lock }) =>
        (status?.migrations ?? [])
          .filter(({ state }) => lock?.held !== true && (state === 'partial' || state === 'reverting'))
          .map(({ version, name, closed, total, file }) => ({
            what: `Migration \`${version}_${name}\` stopped after ${closed ?? 0} of ${total ?? 0} statements.`,
            where: { ...(file === null ? {} : { file }), database, server },
            why: 'The run that applied it was interrupted or failed; no connection holds the lock of the database.',
            fix: 'Run `wwdb migrate`: it continues where it stopped.',
            zh: {
              what: `迁移 \`${version}_${name}\` 在 ${total ?? 0} 条语句中执行了 ${closed ?? 0} 条后停下。`,
              why: '应用它的那次运行被停止或失败；没有连接持有该库的锁。',
              fix: '请执行 `wwdb migrate`：它会从停下的地方继续。',
            },
          })),
      ),
  },
  {
    code: 'journal-differs',
    severity: 'error',
    asks: { en: 'Do the files and the journals agree?', zh: '文件与日志表是否一致？' },
    find: ({ databases }) =>
      databases.flatMap(({ database, server, status, faults }) =>
        [...(status?.findings ?? []), ...faults].map((fault) =>
          toComplaint(
            fault,
            `无法确认 \`${database}\` 的文件与日志表一致。`,
            { en: 'See `wwdb status`.', zh: '请查看 `wwdb status`。' },
            { database, server },
          ),
        ),
      ),
  },
  {
    code: 'table-held',
    severity: 'warning',
    asks: {
      en: 'Are no renamed tables left from `drift --revert`, or from online changes and batches after their grace?',
      zh: '是否没有被 `drift --revert` 移开、仍在保留的表，也没有在线变更或批处理留下的、已过保留期的表？',
    },
    find: ({ databases }) =>
      databases.flatMap(({ database, server, status }) => {
        // What an online change or a batch keeps is as it should be until its grace ends.
        const held = (status?.held ?? []).filter(
          ({ isOnline, undo, isDue }) => (!isOnline && undo === undefined) || isDue,
        )
        if (held.length === 0) return []
        const due = held.filter(({ isDue }) => isDue)
        const isOne = held.length === 1
        const past = due.length === 0 ? '' : `, ${due.length} past ${due.length === 1 ? 'its' : 'their'} grace`
        const listed = (due.length === 0 ? held : due).map(({ name }) => `\`${name}\``)
        const pastInChinese = due.length === 0 ? '' : `，其中 ${due.length} 张已过保留期`
        return [
          {
            what: `${countOf(held.length, 'table')} of \`${database}\` ${isOne ? 'is' : 'are'} held${past}: ${listed.join(', ')}.`,
            where: { database, server },
            why: describeHeld(held),
            fix: `Run \`wwdb held\`: it names both ways, and until when ${isOne ? 'it' : 'each'} stays at least.`,
            zh: {
              what: `\`${database}\` 有 ${held.length} 张表在保留${pastInChinese}：${listed.join('、')}。`,
              why: held.some(({ undo }) => undo === true)
                ? '批处理在其中保留了修改前的行，或是其他保留的表：只有人能删除它们。'
                : held.every(({ isOnline }) => isOnline)
                  ? '它们是在线变更之前的旧表，占用空间：只有人能删除它们或撤销变更。'
                  : '没有迁移创建过它们，而它们有数据：只有人能删除或恢复它们。',
              fix: '请执行 `wwdb held`：它列出两种做法，以及每张表至少保留到何时。',
            },
          },
        ]
      }),
  },
  {
    code: 'lock-held',
    severity: 'warning',
    asks: { en: 'Is the lock of every database free?', zh: '每个库的锁是否空闲？' },
    find: ({ databases }) =>
      databases.flatMap(({ database, server, lock }) => {
        if (lock?.held !== true) return []
        const { connectionId, orphaned, user, host } = lock
        const whose = user === null ? '' : host === null ? `${user} 的` : `${user}（来自 ${host}）的`
        const who = lock.user === null ? '' : ` of ${lock.user}${lock.host === null ? '' : ` from ${lock.host}`}`
        return [
          {
            what: `Connection ${lock.connectionId}${who} holds the lock of the database.`,
            where: { database, server },
            why: lock.orphaned
              ? 'The run that opened it is dead, but the server is still executing its statement.'
              : 'A run is in progress, or hangs: no other run can start.',
            fix: 'Wait for it; `wwdb lock status` shows what it does, `wwdb lock release` kills it.',
            zh: {
              what: `${whose}连接 ${connectionId} 持有该库的锁。`,
              why: orphaned
                ? '打开它的那次运行已不在；服务器仍在执行它的语句。'
                : '有一次运行正在进行或已停滞：其他运行无法开始。',
              fix: '请等待；`wwdb lock status` 显示它在做什么，`wwdb lock release` 结束它。',
            },
          },
        ]
      }),
  },
  {
    code: 'long-transaction',
    severity: 'warning',
    asks: { en: 'Are there no long-running transactions?', zh: '是否没有长时间打开的事务？' },
    find: (facts) =>
      answering(facts).flatMap(({ label, seen }) => {
        const limit = facts.config?.doctor.longTransaction ?? 0
        return (seen.transactions ?? [])
          .filter(({ seconds }) => seconds * 1000 >= limit)
          .map(({ connectionId, user, seconds, statement }) => ({
            what: `A transaction of \`${user}\` (connection ${connectionId}) has been open for ${countOf(seconds, 'second')}.`,
            where: { server: label },
            why: `It is ${statement === null ? 'idle' : `running \`${statement}\``}: an ALTER of a table that it has read waits for it, and all other sessions queue behind the ALTER.`,
            fix: `Find its owner, or end it: \`KILL ${connectionId}\`.`,
            zh: {
              what: `\`${user}\`（连接 ${connectionId}）的一个事务已打开 ${seconds} 秒。`,
              why: `它${statement === null ? '处于空闲' : `正在执行 \`${statement}\``}：对它读过的表执行 ALTER 要等它，而其他会话都要排在 ALTER 之后。`,
              fix: `请问清是谁的，或结束它：\`KILL ${connectionId}\`。`,
            },
          }))
      }),
  },
  {
    code: 'prepared-transaction',
    severity: 'warning',
    asks: { en: 'Are there no prepared XA transactions?', zh: '是否没有停留在 PREPARED 状态的 XA 事务？' },
    find: (facts) =>
      answering(facts).flatMap(({ label, seen }) =>
        (seen.prepared ?? []).map((name) => ({
          what: `The XA transaction \`${name}\` is prepared and neither committed nor rolled back; the server does not show since when.`,
          where: { server: label },
          why: 'It keeps its locks without a connection, even after a restart of the server: changes of its rows wait for it, and so does an ALTER or DROP of its tables, with all other sessions queued behind that.',
          fix: `Check its transaction coordinator, which normally ends it. If \`XA RECOVER CONVERT XID\` still lists it, run \`XA COMMIT ${name}\` to keep its changes, or \`XA ROLLBACK ${name}\` to undo them.`,
          zh: {
            what: `XA 事务 \`${name}\` 处于 PREPARED 状态，既未提交也未回滚；服务器不显示从何时开始。`,
            why: '连接断开、服务器重启后它仍持有锁：修改其涉及的行要等它，对其涉及的表执行 ALTER 或 DROP 也要等它，而其他会话都要排在后面。',
            fix: `请先向它的协调者确认，协调者正常时会自行结束它。若 \`XA RECOVER CONVERT XID\` 仍列出它，执行 \`XA COMMIT ${name}\` 保留其更改，或执行 \`XA ROLLBACK ${name}\` 撤销。`,
          },
        })),
      ),
  },
]

function describeHeld(held: readonly HeldName[]): string {
  const isOne = held.length === 1
  if (held.some(({ undo }) => undo === true))
    return 'A batch keeps rows as they were in one of them, or in each: nothing but a person drops it.'
  if (held.every(({ isOnline }) => isOnline))
    return isOne
      ? 'It is the table as it was before an online change, and takes space: nothing but a person drops it or takes the change back.'
      : 'They are tables as they were before online changes, and take space: nothing but a person drops them or takes the changes back.'
  return isOne
    ? 'No migration made it, and it has rows: nothing but a person drops it or brings it back.'
    : 'No migration made them, or online changes keep them, and they have rows: nothing but a person drops them or brings them back.'
}
