import type { InBoth } from '../../core/in-both.ts'
import type { Fault } from '../../core/tool-error.ts'
import { type Check, type Complaint, toComplaint } from '../check.ts'

const validate: InBoth = {
  en: 'Correct it; `wwdb validate` shows all errors.',
  zh: '请改正；`wwdb validate` 会显示所有错误。',
}

function toComplaints(faults: readonly Fault[], what: string, fix = validate): readonly Complaint[] {
  return faults.map((fault) => toComplaint(fault, what, fix))
}

/** The files of the project, and the folder that shards are archived in. */
export const fileChecks: readonly Check[] = [
  {
    code: 'migrations-invalid',
    severity: 'error',
    asks: { en: 'Can every migration file be read?', zh: '每个迁移文件能否读取？' },
    find: ({ project }) => toComplaints(project.migrations, '迁移文件有错误。'),
  },
  {
    code: 'sum-differs',
    severity: 'error',
    asks: { en: 'Do the migration files match `wwdb.sum`?', zh: '迁移文件是否与 `wwdb.sum` 所列一致？' },
    find: ({ project }) => toComplaints(project.sums, '迁移文件与 `wwdb.sum` 所列不一致。'),
  },
  {
    code: 'sum-missing',
    severity: 'warning',
    asks: { en: 'Does every folder of migrations have a `wwdb.sum`?', zh: '每个迁移目录是否都有 `wwdb.sum`？' },
    find: ({ project }) =>
      project.withoutSum.map((folder) => ({
        what: 'The folder has migrations but no `wwdb.sum`.',
        where: { file: folder },
        why: 'An edit of an applied file, or two branches with the same version, would go unnoticed in a review.',
        fix: 'Run `wwdb validate --write-sum`, and commit the file.',
        zh: {
          what: '该目录有迁移，却没有 `wwdb.sum`。',
          why: '已应用的文件被改动，或两个分支使用同一版本，在评审中都不会被发现。',
          fix: '请执行 `wwdb validate --write-sum`，并提交该文件。',
        },
      })),
  },
  {
    code: 'templates-invalid',
    severity: 'error',
    asks: { en: 'Can every shard template be read?', zh: '每个分表模板能否读取？' },
    find: ({ project }) => toComplaints(project.templates, '分表模板有错误。'),
  },
  {
    code: 'seeds-invalid',
    severity: 'error',
    asks: { en: 'Can every seed file be read?', zh: '每个基础数据文件能否读取？' },
    find: ({ project }) => toComplaints(project.seeds, '基础数据文件有错误。'),
  },
  {
    code: 'declarations-invalid',
    severity: 'error',
    asks: { en: 'Can the declarations of every store be read?', zh: '每个存储的声明能否读取？' },
    find: ({ project }) =>
      toComplaints(project.declarations, '存储的声明有错误。', {
        en: 'Correct it; `wwdb setup plan` shows all errors.',
        zh: '请改正；`wwdb setup plan` 会显示所有错误。',
      }),
  },
  {
    code: 'archive-folder',
    severity: 'error',
    asks: { en: 'Is the folder of archives writable?', zh: '归档目录是否可写？' },
    find: ({ project: { archive } }) =>
      archive === null || archive.refusal === null
        ? []
        : [
            {
              what: 'The folder of archives is not writable.',
              where: { file: archive.directory },
              why: archive.refusal.en,
              fix: 'Create it for the user that runs rotation, or correct `rotation.archive`.',
              zh: {
                what: '归档目录不可写。',
                why: archive.refusal.zh,
                fix: '请为执行轮换的用户创建该目录，或改正 `rotation.archive`。',
              },
            },
          ],
  },
  {
    code: 'rotation-unscheduled',
    severity: 'warning',
    asks: { en: 'Is there a rotation schedule if there are shard families?', zh: '有分表族之处，是否有时间表？' },
    find: ({ project: { families }, config }) =>
      families > 0 && config !== null && config.rotation.schedule === null
        ? [
            {
              what: 'There are shard families, but the configuration has no schedule for rotation.',
              where: config.file === null ? {} : { file: config.file },
              why: 'The next shards are only created when a person remembers to run rotation.',
              fix: 'Set `rotation.schedule`, and install what `wwdb schedule render` prints.',
              zh: {
                what: '存在分表族，而配置中没有轮换的时间表。',
                why: '下一批分表只能靠人记得去执行轮换才会创建。',
                fix: '请设置 `rotation.schedule`，并安装 `wwdb schedule render` 打印的内容。',
              },
            },
          ]
        : [],
  },
]
