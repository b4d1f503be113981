import { expect, test } from 'vitest'
import { scan } from '../../../src/sql/scanner.ts'

function statements(text: string): string[] {
  return scan(text, { file: 'a.sql' }).flatMap((piece) => (piece.type === 'statement' ? [piece.text] : []))
}

test('a statement is split off at its delimiter, without the comments around it', () => {
  expect(statements('/* a; */ SELECT 1 -- b;\n; # c;\nSELECT 2')).toEqual(['SELECT 1', 'SELECT 2'])
})
