import type { FileRule } from '../rule.ts'

export const dropRoutine: FileRule = {
  code: 'DROP_ROUTINE',
  looksAt: 'file',
  severity: 'warning',
  family: 'compatibility',
  title: {
    en: '`DROP` of a procedure, function or trigger that the file does not create again',
    zh: '删除存储过程、函数或触发器后文件中没有重新创建',
  },
  why: {
    en: 'Code that calls it fails immediately; without a trigger, rows are no longer completed or checked.',
    zh: '调用它的代码会立即失败；没有触发器，行不再被补全或检查。',
  },
  fix: { en: 'Drop it in a later release, when no code uses it.', zh: '请在之后的版本、确认无代码使用后再删除。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/drop-procedure.html',
  fixtures: {
    found: [{ setup: 'CREATE PROCEDURE p() SELECT 1', sql: 'DROP PROCEDURE p' }],
    clean: [
      { setup: 'CREATE PROCEDURE p() SELECT 1', sql: 'DROP PROCEDURE IF EXISTS p; CREATE PROCEDURE p() SELECT 2' },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.id = 1',
        sql: 'DROP TRIGGER t; CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.id = 2',
      },
    ],
  },
  find: ({ file }) => {
    const made = new Set(file.up.map(({ statement: { verb, objects } }) => keyOf(verb, objects[0]?.name)))
    return file.up.flatMap(({ statement }) => {
      const what = /^DROP (PROCEDURE|FUNCTION|TRIGGER)$/.exec(statement.verb)?.[1]
      const name = statement.objects[0]?.name
      if (what === undefined || name === undefined || made.has(keyOf(`CREATE ${what}`, name))) return []
      return [
        {
          statement,
          message: {
            en: `The ${what.toLowerCase()} \`${name}\` is gone for running code.`,
            zh: `运行中的代码将找不到 ${what} \`${name}\`。`,
          },
        },
      ]
    })
  },
}

const keyOf = (verb: string, name: string | undefined): string => `${verb} ${name?.toLowerCase()}`
