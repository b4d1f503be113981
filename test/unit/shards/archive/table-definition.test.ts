import { describe, expect, test } from 'vitest'
import { renameDefinition } from '../../../../src/shards/archive/archive-format.ts'

const table = (...lines: readonly string[]): string =>
  `CREATE TABLE \`_hold_x_t\` (\n${lines.join(',\n')}\n) ENGINE=InnoDB`

describe('a definition under another name', () => {
  test('changes the name, and what MySQL made from it', () => {
    const text = table(
      "  `id` int NOT NULL COMMENT '_hold_x_t'",
      '  CONSTRAINT `_hold_x_t_ibfk_12` FOREIGN KEY (`id`) REFERENCES `p` (`id`)',
      '  CONSTRAINT `_hold_x_t_chk_1` CHECK ((`id` > 0))',
    )
    expect(renameDefinition(text, '_hold_x_t', 't').split('\n')).toEqual([
      'CREATE TABLE `t` (',
      "  `id` int NOT NULL COMMENT '_hold_x_t',",
      '  CONSTRAINT `t_ibfk_12` FOREIGN KEY (`id`) REFERENCES `p` (`id`),',
      '  CONSTRAINT `t_chk_1` CHECK ((`id` > 0))',
      ') ENGINE=InnoDB',
    ])
  })

  test('an archived definition keeps the names that its author gave', () => {
    for (const name of [
      'mine',
      '_hold_x_t',
      '_hold_x_t_ibfk_',
      '_hold_x_t_ibfk_1x',
      'a_hold_x_t_ibfk_1',
      '_hold_x_t_fk_1',
    ]) {
      const line = `  CONSTRAINT \`${name}\` FOREIGN KEY (\`id\`) REFERENCES \`p\` (\`id\`)`
      expect(renameDefinition(table(line), '_hold_x_t', 't')).toContain(line)
    }
  })

  test('follows keys to itself and to tables that are held', () => {
    const text = table(
      '  CONSTRAINT `a` FOREIGN KEY (`x`) REFERENCES `_hold_x_t` (`id`)',
      '  CONSTRAINT `b` FOREIGN KEY (`x`) REFERENCES `_hold_y_p` (`id`) ON DELETE CASCADE',
      '  CONSTRAINT `c` FOREIGN KEY (`x`) REFERENCES `other`.`_hold_y_p` (`id`)',
    )
    const renamed = renameDefinition(text, '_hold_x_t', 't', new Map([['_hold_y_p', 'p']]))
    expect(renamed).toContain('CONSTRAINT `a` FOREIGN KEY (`x`) REFERENCES `t` (`id`)')
    expect(renamed).toContain('REFERENCES `p` (`id`) ON DELETE CASCADE')
    expect(renamed).toContain('REFERENCES `other`.`p` (`id`)')
  })

  test('is not misled by names with backticks, dollars, or by what a comment says', () => {
    const text =
      "CREATE TABLE `we``ird` (\n  `id` int COMMENT '\\n  CONSTRAINT `we``ird_ibfk_1` REFERENCES `we``ird`'\n)"
    expect(renameDefinition(text, 'we`ird', 'pri$1`ce')).toBe(text.replace('`we``ird` (', '`pri$1``ce` ('))
  })
})
