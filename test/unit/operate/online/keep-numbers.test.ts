import { describe, expect, test } from 'vitest'
import { numberLike } from '../../../../src/operate/online/keep-numbers.ts'

const target = { database: 'app', schema: 'app', server: 'db:3306' }

/** A table as SHOW CREATE TABLE prints it. */
const printed = (name: string, id: string, options: string): string =>
  `CREATE TABLE \`${name}\` (\n  \`id\` ${id},\n  PRIMARY KEY (\`id\`)\n) ${options}`

const numbered = 'int NOT NULL AUTO_INCREMENT'

/** What the copy is given, by the definitions of both. */
function given(table: string, copy: string): Promise<string | null> {
  const texts: Readonly<Record<string, string>> = { '`app`.`orders`': table, '`app`.`_orders_new`': copy }
  const ask = async (text: string) => [['', texts[text.replace('SHOW CREATE TABLE ', '')] ?? '']]
  return numberLike({ server: { ask } as never, target }, 'orders', '_orders_new')
}

describe('the next number of a table', () => {
  test('is that of its options, with a comment behind it or without', async () => {
    const copy = printed('_orders_new', numbered, "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='orders'")
    const table = printed('orders', numbered, 'ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4')
    expect(await given(table, copy)).toBe('ALTER TABLE `app`.`_orders_new` AUTO_INCREMENT=7')
    expect(await given(`${table} COMMENT='was AUTO_INCREMENT=900'`, copy)).toContain('AUTO_INCREMENT=7')
    expect(await given(copy, table)).toBeNull()
  })

  test('is not read in a comment, of the table or of its copy', async () => {
    const said = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='it''s AUTO_INCREMENT=900 since May'"
    const table = printed('orders', numbered, 'ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4')
    expect(await given(printed('orders', numbered, said), printed('_orders_new', numbered, said))).toBeNull()
    expect(await given(printed('orders', numbered, said), printed('_orders_new', numbered, 'ENGINE=InnoDB'))).toBeNull()
    expect(await given(table, printed('_orders_new', numbered, said))).toContain('AUTO_INCREMENT=7')
  })

  test('is not given to a copy that numbers no rows, whatever the comments of its columns say', async () => {
    const table = printed('orders', numbered, 'ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4')
    const copy = printed('_orders_new', "int NOT NULL COMMENT 'was AUTO_INCREMENT once'", 'ENGINE=InnoDB')
    expect(await given(table, copy)).toBeNull()
  })
})
