import { expect, test } from 'vitest'
import type { ReportResult } from '../../../src/report/commands/report-view.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

/** Without a primary key, so that a review has something to say of each. */
const create = (number: number): string => `CREATE TABLE t${number} (id INT);\n`

test('no file of a large database whose server is down is reviewed: each may be applied, and the report says so', async () => {
  const many = Array.from({ length: 2001 }, (_, number) => create(number))
  const project = await stage({
    databases: ['big', 'small'],
    files: { 'big/0001_many.sql': migration(many.join('')), 'small/0001_one.sql': migration(create(1)) },
  })
  const { exitCode, answer } = await project.json(['report', '--url', 'mysql://root@127.0.0.1:1'])
  expect(exitCode).toBe(0)
  const { report } = answer as unknown as ReportResult
  expect(new Set(report.lint.map(({ place }) => place.split(':')[0]))).toEqual(
    new Set(['migrations/small/0001_one.sql']),
  )
  expect(report.gaps.filter(({ part }) => part === 'lint')).toEqual([
    {
      part: 'lint',
      place: 'big',
      why: 'No file was reviewed: the database has more than 2,000 tables, and its journal, which knows the files that are applied, was not read.',
      next: 'Run `wwdb lint --all`.',
    },
  ])
})
