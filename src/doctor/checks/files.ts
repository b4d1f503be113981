import type { Fault } from '../../core/tool-error.ts'
import { type Check, type Complaint, toComplaint } from '../check.ts'

const validate = 'Correct it; `wwdb validate` shows every fault.'

function toComplaints(faults: readonly Fault[], fix = validate): readonly Complaint[] {
  return faults.map((fault) => toComplaint(fault, fix))
}

/** The files of the project, and the folder that shards are archived in. */
export const fileChecks: readonly Check[] = [
  {
    code: 'migrations-invalid',
    severity: 'error',
    asks: 'Can every migration file be read?',
    find: ({ project }) => toComplaints(project.migrations),
  },
  {
    code: 'sum-differs',
    severity: 'error',
    asks: 'Are the migration files those that `wwdb.sum` lists?',
    find: ({ project }) => toComplaints(project.sums),
  },
  {
    code: 'sum-missing',
    severity: 'warning',
    asks: 'Has every folder of migrations a `wwdb.sum`?',
    find: ({ project }) =>
      project.withoutSum.map((folder) => ({
        what: 'The folder has migrations and no `wwdb.sum`.',
        where: { file: folder },
        why: 'An edit of an applied file, or two branches with one version, would not be noticed in a review.',
        fix: 'Run `wwdb validate --write-sum`, and commit the file.',
      })),
  },
  {
    code: 'templates-invalid',
    severity: 'error',
    asks: 'Can every shard template be read?',
    find: ({ project }) => toComplaints(project.templates),
  },
  {
    code: 'seeds-invalid',
    severity: 'error',
    asks: 'Can every seed file be read?',
    find: ({ project }) => toComplaints(project.seeds),
  },
  {
    code: 'declarations-invalid',
    severity: 'error',
    asks: 'Can the declarations of every store be read?',
    find: ({ project }) => toComplaints(project.declarations, 'Correct it; `wwdb setup plan` shows every fault.'),
  },
  {
    code: 'archive-folder',
    severity: 'error',
    asks: 'Can the folder of archives be written?',
    find: ({ project: { archive } }) =>
      archive === null || archive.refusal === null
        ? []
        : [
            {
              what: 'The folder of archives cannot be written.',
              where: { file: archive.directory },
              why: archive.refusal,
              fix: 'Create it for the user that runs rotation, or correct `rotation.archive`.',
            },
          ],
  },
  {
    code: 'rotation-unscheduled',
    severity: 'warning',
    asks: 'Is there a schedule where there are shard families?',
    find: ({ project: { families }, config }) =>
      families > 0 && config !== null && config.rotation.schedule === null
        ? [
            {
              what: 'There are shard families, and the configuration has no schedule for rotation.',
              where: config.file === null ? {} : { file: config.file },
              why: 'The next shards are only made when a person thinks of it.',
              fix: 'Set `rotation.schedule`, and install what `wwdb schedule render` prints.',
            },
          ]
        : [],
  },
]
