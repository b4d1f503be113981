import { expect, test } from 'vitest'
import { ToolError } from '../../../../src/core/tool-error.ts'
import { translateFileError } from '../../../../src/shards/archive/archive-errors.ts'

/** As the file system module throws it. */
function fileError(code: string): Error {
  return Object.assign(new Error(`${code}: no, open '/a'`), { code, syscall: 'open', path: '/a' })
}

test.each([
  ['ENOSPC', 'ARCHIVE_NO_SPACE', /no space left/],
  ['EDQUOT', 'ARCHIVE_NO_SPACE', /quota/],
  ['EFBIG', 'ARCHIVE_NO_SPACE', /exceeds the maximum file size/],
  ['EACCES', 'ARCHIVE_DENIED', /Permission denied/],
  ['EPERM', 'ARCHIVE_DENIED', /Permission denied/],
  ['EROFS', 'ARCHIVE_DENIED', /read-only/],
  ['ENOTDIR', 'ARCHIVE_DENIED', /where a folder/],
  ['EIO', 'ARCHIVE_FILE', /refused an operation/],
])('%s is %s, with what to do next', (code, expected, what) => {
  const error = translateFileError(fileError(code), '/archives')
  if (!(error instanceof ToolError)) throw new Error('it is no sentence')
  expect(error.code).toBe(expected)
  expect(error.faults).toEqual([
    {
      what: expect.stringMatching(what),
      where: { file: '/archives' },
      why: expect.stringContaining(code),
      next: expect.stringMatching(/\.$/),
    },
  ])
})

test('a sentence, a defect and an error of a server stay what they are', () => {
  for (const error of [
    new ToolError('ARCHIVE_FILE', { what: 'x' }),
    new TypeError('x'),
    'text',
    Object.assign(new Error('x'), { code: 'ER_X' }),
  ])
    expect(translateFileError(error, '/a')).toBe(error)
})
