import { tokenize } from '../../sql/tokens.ts'
import type { ServerRule } from '../rule.ts'
import { procedureFact } from '../upgrade/procedure-fact.ts'
import { becomesReserved } from '../upgrade/reserved-words.ts'

export const upgradeBodyWord: ServerRule = {
  code: 'UPGRADE_BODY_WORD',
  looksAt: 'server',
  severity: 'error',
  family: 'upgrade',
  title: {
    en: 'A view, routine, trigger or event that uses a reserved word of the next version without quotes',
    zh: '视图、存储例程、触发器或事件未加引号地使用了目标服务器的保留字',
  },
  why: {
    en: 'The server stores the text as it was written: after the upgrade it cannot be parsed, and every call fails.',
    zh: '服务器按原文保存：升级后无法再解析，每次调用都会失败。',
  },
  fix: { en: 'Create it again with the name in backticks.', zh: '请用反引号引用该名称后重新创建。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/keywords.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE PROCEDURE work () SELECT qualify FROM rules',
        target: '8.4.0',
        facts: {
          version: '8.0.36',
          objects: [procedureFact('work', 'CREATE PROCEDURE `work` () SELECT qualify FROM rules')],
        },
      },
    ],
    clean: [
      {
        sql: 'CREATE PROCEDURE work () SELECT `qualify` FROM rules',
        target: '8.4.0',
        facts: {
          version: '8.0.36',
          objects: [
            procedureFact('work', 'CREATE PROCEDURE `work` () SELECT `qualify`, @qualify, "qualify" FROM rules'),
          ],
        },
      },
    ],
  },
  find: ({ facts, target }) =>
    (facts.objects ?? []).flatMap((object) => {
      if (object.type === 'table') return []
      const words = tokenize(object.text).filter(
        ({ type, text }) => type === 'word' && becomesReserved(text, facts.version, target),
      )
      return [...new Set(words.map(({ text }) => text))].map((word) => ({
        message: {
          en: `The ${object.type} \`${object.name}\` uses ${word} without quotes, which MySQL ${target} reserves.`,
          zh: `${object.type} \`${object.name}\` 未加引号地使用了 ${word}，它是 MySQL ${target} 的保留字。`,
        },
      }))
    }),
}
