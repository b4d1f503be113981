import { describe, expect, test } from 'vitest'
import { confineSchemas } from '../../../src/sql/confine.ts'
import { applyEdits, tokenize } from '../../../src/sql/tokens.ts'

function confine(text: string, own = 'shop') {
  const { edits, qualifiers, foreign } = confineSchemas(tokenize(text), own, () => 'scratch')
  return { text: applyEdits(text, edits), qualifiers, foreign }
}

describe('the schemas that a statement names', () => {
  test('are its own everywhere, in its scratch schema then', () => {
    expect(confine('DROP TABLE shop.a, `shop`.b')).toEqual({
      text: 'DROP TABLE `scratch`.a, `scratch`.b',
      qualifiers: [],
      foreign: null,
    })
  })

  test.each([
    ['DROP TABLE old.users', 'old'],
    ['TRUNCATE TABLE `new`.users', 'new'],
    ['INSERT INTO old.users SELECT * FROM users', 'old'],
    ['DELETE FROM "OLD".users', 'OLD'],
    ['CREATE VIEW v AS SELECT id FROM new.users', 'new'],
    ['DROP TRIGGER old.t', 'old'],
  ])('%s names another one, also where that is called as the rows of a trigger are', (text, foreign) => {
    expect(confine(text)).toEqual({ text, qualifiers: [foreign.toLowerCase()], foreign })
  })

  test('are not the rows of a trigger, unless a schema of the server is called so', () => {
    const text =
      'CREATE DEFINER = `a`@`b` TRIGGER t BEFORE UPDATE ON users FOR EACH ROW SET NEW.a = EXTRACT(YEAR FROM OLD.a)'
    expect(confine(text)).toEqual({ text, qualifiers: ['new', 'old'], foreign: null })
    expect(confine('CREATE TRIGGER t BEFORE UPDATE ON users FOR EACH ROW SET NEW.a = 1', 'new')).toMatchObject({
      text: 'CREATE TRIGGER t BEFORE UPDATE ON users FOR EACH ROW SET NEW.a = 1',
      qualifiers: ['new'],
    })
  })

  test('are not the aliases of a statement, unless a schema of the server is called so', () => {
    const text = 'INSERT INTO users (id, a) VALUES (1, 2) AS new ON DUPLICATE KEY UPDATE a = new.a'
    expect(confine(text)).toEqual({ text, qualifiers: ['new'], foreign: null })
  })
})
