import { closestName } from '../../core/closest-name.ts'
import { type Check, toComplaint } from '../check.ts'
import { endedOn } from '../end-of-life.ts'

/** The configuration, and the program that reads it. */
export const configurationChecks: readonly Check[] = [
  {
    code: 'config-invalid',
    severity: 'error',
    asks: 'Can the configuration be used?',
    find: ({ project }) =>
      project.configuration.map((fault) => toComplaint(fault, 'Correct it; `wwdb config validate` shows the rest.')),
  },
  {
    code: 'config-ignore',
    severity: 'warning',
    asks: 'Does `doctor.ignore` name checks that exist?',
    find: ({ config, project: { codes } }) =>
      (config?.doctor.ignore ?? [])
        .filter(({ code }) => !codes.includes(code))
        .map(({ code }) => {
          const meant = closestName(code, codes)
          return {
            what: `\`doctor.ignore\` names the check \`${code}\`, which does not exist.`,
            where: config?.file === null || config === null ? {} : { file: config.file },
            why: null,
            fix: meant === null ? 'Remove it; `wwdb doctor --list` shows the codes.' : `Did you mean \`${meant}\`?`,
          }
        }),
  },
  {
    code: 'config-secret-file',
    severity: 'warning',
    asks: 'Are files with passwords, keys and tokens readable by their owner alone?',
    find: ({ project }) =>
      project.secretFiles
        .filter(({ mode }) => (mode & 0o077) !== 0)
        .map(({ file, setting, mode }) => ({
          what: `The file of \`${setting}\` can be read by other users of this machine.`,
          where: { file },
          why: `Its mode is ${(mode & 0o777).toString(8).padStart(4, '0')}.`,
          fix: `Run \`chmod 0600 ${file}\`.`,
        })),
  },
  {
    code: 'config-unprotected',
    severity: 'warning',
    asks: 'Is an environment of production protected?',
    find: ({ config }) =>
      config !== null && /^prod/i.test(config.environment ?? '') && !config.protected
        ? [
            {
              what: `The environment \`${config.environment}\` is not protected.`,
              where: config.file === null ? {} : { file: config.file },
              why: 'What removes data asks for less there than in a protected one.',
              fix: `Set \`"protected": true\` under \`environments.${config.environment}\`.`,
            },
          ]
        : [],
  },
  {
    code: 'node-end-of-life',
    severity: 'warning',
    asks: 'Is this version of Node still maintained?',
    find: ({ node, now }) => {
      const end = endedOn('node', node, now)
      if (end === null) return []
      return [
        {
          what: `Node ${node} has not been maintained since ${end}.`,
          where: {},
          why: 'Faults of security in it are not fixed any more.',
          fix: 'Install a later LTS version of Node; wwdb runs on 20 and later.',
        },
      ]
    },
  },
]
