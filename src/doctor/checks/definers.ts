import { groupBy } from '../../core/group-by.ts'
import { quoteAccount, quoteGrantPlace } from '../../sql/quote-name.ts'
import { answering, type Check, type Complaint } from '../check.ts'
import type { OrphanedCode } from '../facts.ts'

const chinese = { view: '视图', procedure: '存储过程', function: '函数', trigger: '触发器', event: '事件' } as const

/** Privileges that a definer needs on the schema for code of each kind, in addition to those of its statements. */
const needed = {
  view: [],
  procedure: ['EXECUTE'],
  function: ['EXECUTE'],
  trigger: ['TRIGGER'],
  event: ['EVENT'],
} as const

/** Checks of the accounts with whose privileges views, routines, triggers and events run. */
export const definerChecks: readonly Check[] = [
  {
    code: 'definer-missing',
    severity: 'error',
    asks: {
      en: 'Does the DEFINER of every view, routine, trigger and event exist?',
      zh: '每个视图、存储程序、触发器和事件的 DEFINER 账户是否存在？',
    },
    find: (facts) =>
      answering(facts).flatMap(({ label, seen }) =>
        [...groupBy(seen.orphans ?? [], ({ database, definer }) => `${database} ${definer}`).values()].flatMap(
          ([first, ...more]) => (first === undefined ? [] : [complain(label, [first, ...more], first)]),
        ),
      ),
  },
]

function complain(
  server: string,
  code: readonly OrphanedCode[],
  { database, schema, definer }: OrphanedCode,
): Complaint {
  const shown = code.slice(0, 5)
  const rest = code.length - shown.length
  const names = shown.map(({ type, name }) => `the ${type} \`${name}\``).join(', ')
  const inChinese = shown.map(({ type, name }) => `${chinese[type]} \`${name}\``).join('、')
  const account = quoteAccount(definer)
  const rights = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', ...new Set(code.flatMap(({ type }) => needed[type]))]
  const create = `CREATE USER ${account} ACCOUNT LOCK`
  const grant = `GRANT ${rights.join(', ')} ON ${quoteGrantPlace(schema)} TO ${account}`
  return {
    where: { database, server },
    what: `The account \`${definer}\` does not exist, but is the DEFINER of ${names}${rest > 0 ? ` and ${rest} more` : ''}.`,
    why: 'Stored code runs with the privileges of its definer: each statement that uses it fails with error 1449, including an INSERT into a table with such a trigger.',
    fix: `As an administrator run \`${create}\` and \`${grant}\`, or create the objects again with a DEFINER that exists.`,
    zh: {
      what: `账户 \`${definer}\` 不存在，而它是${inChinese}${rest > 0 ? ` 等 ${code.length} 个对象` : ''}的 DEFINER。`,
      why: '代码以其定义者的权限运行：使用它的每条语句都会以错误 1449 失败，向触发器所在的表 INSERT 也是如此。',
      fix: `请以管理员身份执行 \`${create}\` 和 \`${grant}\`，或以存在的 DEFINER 重新创建这些对象。`,
    },
  }
}
