import { expect, test } from 'vitest'
import { isServerError } from '../../../src/mysql/errors.ts'
import { hideValues } from '../../../src/probe/mysql/hide-values.ts'

function hide(errno: number, message: string, { state = '22000', texts = [] as readonly string[] } = {}): string {
  const error = Object.assign(new Error(message), { code: 'ER_ANY', errno, sqlState: state, fatal: false })
  if (!isServerError(error)) throw new Error('it is none of the server')
  return hideValues(error, texts)
}

test.each([
  [
    1690,
    "BIGINT UNSIGNED value is out of range in '(`s`.`t`.`a` - 4711)'",
    'BIGINT UNSIGNED value is out of range in ***.',
  ],
  [
    1366,
    "Incorrect integer value: 'PRIVATE' for column 'a' at row 1",
    "Incorrect integer value: *** for column 'a' at row 1.",
  ],
  [
    1366,
    "Incorrect integer value: 'it's private' for column 'a' at row 12",
    "Incorrect integer value: *** for column 'a' at row 12.",
  ],
  [1264, "Out of range value for column 'preis_é' at row 1", "Out of range value for column 'preis_é' at row 1."],
  [1264, "Out of range value for column 'a * 4711' at row 1", 'Out of range value for column *** at row 1.'],
  [1292, "Truncated incorrect DOUBLE value: 'private, and cut of", 'Truncated incorrect DOUBLE value: ***.'],
  [1526, 'Table has no partition for value 4711', 'Table has no partition for value ***.'],
  [1526, 'Table has no partition for value -4711.5', 'Table has no partition for value -***.'],
  [1062, "Duplicate entry 'private-4711' for key 't.a'", 'Duplicate entry ***.'],
  [3140, 'Invalid JSON text: "Invalid value." at position 0 in value for column \'t.a\'.', 'Invalid JSON text: ***.'],
  [1300, "Invalid utf8mb4 character string: 'private'", 'Invalid utf8mb4 character string: ***.'],
])('%i: %s', (errno, message, shown) => {
  expect(hide(errno, message)).toBe(shown)
})

test.each([
  [1054, "Unknown column 'nick' in 'where clause'"],
  [1146, "Table 's.users' doesn't exist"],
  [1364, "Field 'city' doesn't have a default value"],
  [3819, "Check constraint 'adults' is violated."],
])('%i names definitions, and is shown: %s', (errno, message) => {
  expect(hide(errno, message)).toBe(message.replace(/\.?$/, '.'))
})

test('the name of a column may be a text of the sample, and that of a trigger is its own', () => {
  const texts = ["'private'"]
  expect(hide(1406, "Data too long for column 'private' at row 1", { texts })).toBe(
    'Data too long for column *** at row 1.',
  )
  expect(hide(1054, "Unknown column 'private' in 'field list'", { texts })).not.toContain('private')
  for (const [errno, state] of [
    [1644, '45000'],
    [1644, '42000'],
    [4711, '45000'],
  ] as const)
    expect(hide(errno, 'private is taken', { state })).toBe('A trigger or a routine refuses it.')
})
