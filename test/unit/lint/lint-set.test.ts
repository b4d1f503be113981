import { expect, test } from 'vitest'
import { lintSet } from '../../helpers/lint/lint-set.ts'

test('a rule counts once a file of a set, and what stops a run each time', () => {
  const first =
    '-- migrate:up\nCREATE TABLE a (id INT PRIMARY KEY) CHARSET=utf8;\nCREATE TABLE b (id INT PRIMARY KEY) CHARSET=utf8;\n'
  const second = '-- migrate:up\nDROP TABLE x;\nDROP TABLE y;\n'
  const { statements, refused, groups } = lintSet([
    { name: '1_a.sql', text: first },
    { name: '2_b.sql', text: second },
    { name: '3_c.sql', text: '-- migrate:up\nNONSENSE;\n' },
  ])
  expect({ statements, refused }).toEqual({ statements: 4, refused: 1 })
  const counted = groups.map(({ code, stops }) => `${code}${stops ? ' stops' : ''}`)
  expect(counted.filter((one) => one === 'UTF8MB3_CHARSET')).toHaveLength(1)
  expect(counted.filter((one) => one === 'DROP_TABLE stops')).toHaveLength(2)
})
