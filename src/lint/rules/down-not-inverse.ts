import type { FileRule, PlacedFinding } from '../rule.ts'
import type { FileTrial, LintFile, ReadStatement } from '../subjects.ts'

export const downNotInverse: FileRule = {
  code: 'DOWN_NOT_INVERSE',
  looksAt: 'file',
  severity: 'warning',
  family: 'hygiene',
  title: { en: 'A down part that does not revert what the up part did', zh: 'down 部分没有撤销 up 部分所做的更改' },
  why: {
    en: 'After a rollback the schema differs from before, and the next run of the up part fails or has a different result. With `--server` both parts are tried.',
    zh: '回滚后的库与之前不同，再次执行 up 部分会失败或得到不同结果。使用 `--server` 时会试运行两个部分。',
  },
  fix: { en: 'Revert in the down part what the up part does.', zh: '请在 down 部分撤销 up 部分所做的更改。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table.html',
  fixtures: {
    found: [
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY)', down: 'DROP TABLE a' },
      {
        sql: 'ALTER TABLE a MODIFY n BIGINT',
        down: 'ALTER TABLE a MODIFY n SMALLINT',
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        trial: { refusals: [], left: ['table a: column n is smallint, not int'], remade: [] },
      },
      {
        sql: 'ALTER TABLE a ADD n INT',
        down: 'ALTER TABLE a DROP m',
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, m INT)',
        trial: {
          refusals: [{ part: 'up', again: true, index: 0, number: 1060, why: "Duplicate column name 'n'." }],
          left: ['table a: column m is missing'],
          remade: null,
        },
      },
    ],
    clean: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY)',
        down: 'DROP TABLE b; DROP TABLE a',
      },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY); DROP TABLE a', down: 'SELECT 1' },
      {
        sql: 'ALTER TABLE a MODIFY n BIGINT',
        down: 'ALTER TABLE a MODIFY n INT',
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        trial: { refusals: [], left: [], remade: [] },
      },
    ],
  },
  find: ({ file, trial }) => (trial?.left === null || trial === null ? findLeftTables(file) : findLeft(trial)),
}

/** What a server showed. */
function findLeft({ left, remade, refusals }: FileTrial): readonly PlacedFinding[] {
  const again = refusals.find((refusal) => refusal.again)
  return [
    ...(left ?? []).map((what) => ({
      message: { en: `After up and down, ${what}.`, zh: `执行 up 和 down 之后，结构与之前不同：${what}。` },
    })),
    ...(remade ?? []).map((what) => ({
      message: { en: `After up, down and up, ${what}.`, zh: `执行 up、down、up 之后，结果与第一次不同：${what}。` },
    })),
    ...(again === undefined
      ? []
      : [
          {
            message: {
              en: `After up and down, the server refuses the up part with error ${again.number}: ${again.why}`,
              zh: `执行 up 和 down 之后，服务器以错误 ${again.number} 拒绝 up 部分：${again.why.replace(/\.$/, '')}。`,
            },
          },
        ]),
  ]
}

/** What the text alone shows: tables that are not dropped. */
function findLeftTables(file: LintFile): readonly PlacedFinding[] {
  if (file.down === null || file.up.length === 0) return []
  const names = (read: readonly ReadStatement[], verb: string): readonly string[] =>
    read
      .filter(({ statement }) => statement.verb === verb)
      .flatMap(({ statement }) => statement.objects.map(({ name }) => name.toLowerCase()))
  const gone = new Set([
    ...names(file.up, 'DROP TABLE'),
    ...names(file.down, 'DROP TABLE'),
    ...names(file.up, 'RENAME TABLE'),
    ...names(file.down, 'RENAME TABLE'),
  ])
  return names(file.up, 'CREATE TABLE')
    .filter((name) => !gone.has(name))
    .map((name) => ({
      message: { en: `The down part does not drop \`${name}\`.`, zh: `down 部分没有删除 \`${name}\`。` },
    }))
}
