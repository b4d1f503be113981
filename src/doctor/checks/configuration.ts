import { closestName } from '../../core/closest-name.ts'
import { type Check, toComplaint } from '../check.ts'
import { endedOn } from '../end-of-life.ts'

/** The configuration, and the program that reads it. */
export const configurationChecks: readonly Check[] = [
  {
    code: 'config-invalid',
    severity: 'error',
    asks: { en: 'Is the configuration valid?', zh: '配置能否使用？' },
    find: ({ project }) =>
      project.configuration.map((fault) =>
        toComplaint(fault, '配置有错误。', {
          en: 'Correct it; `wwdb config validate` shows the rest.',
          zh: '请改正；`wwdb config validate` 会显示其余问题。',
        }),
      ),
  },
  {
    code: 'config-ignore',
    severity: 'warning',
    asks: { en: 'Does `doctor.ignore` name checks that exist?', zh: '`doctor.ignore` 中的检查项是否都存在？' },
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
            zh: {
              what: `\`doctor.ignore\` 中的检查项 \`${code}\` 不存在。`,
              why: null,
              fix: meant === null ? '请删除它；`wwdb doctor --list` 会列出代码。' : `是否想写 \`${meant}\`？`,
            },
          }
        }),
  },
  {
    code: 'config-secret-file',
    severity: 'warning',
    asks: {
      en: 'Are files with passwords, keys and tokens readable only by their owner?',
      zh: '存放密码、密钥和令牌的文件是否只有属主可读？',
    },
    find: ({ project }) =>
      project.secretFiles
        .filter(({ mode }) => (mode & 0o077) !== 0)
        .map(({ file, setting, mode }) => ({
          what: `The file of \`${setting}\` can be read by other users of this machine.`,
          where: { file },
          why: `Its mode is ${(mode & 0o777).toString(8).padStart(4, '0')}.`,
          fix: `Run \`chmod 0600 ${file}\`.`,
          zh: {
            what: `\`${setting}\` 的文件可被本机其他用户读取。`,
            why: `其权限为 ${(mode & 0o777).toString(8).padStart(4, '0')}。`,
            fix: `请执行 \`chmod 0600 ${file}\`。`,
          },
        })),
  },
  {
    code: 'config-unprotected',
    severity: 'warning',
    asks: { en: 'Is a production environment protected?', zh: '生产环境是否受保护？' },
    find: ({ config }) =>
      config !== null && /^prod/i.test(config.environment ?? '') && !config.protected
        ? [
            {
              what: `The environment \`${config.environment}\` is not protected.`,
              where: config.file === null ? {} : { file: config.file },
              why: 'Destructive commands ask for less confirmation here than in a protected environment.',
              fix: `Set \`"protected": true\` under \`environments.${config.environment}\`.`,
              zh: {
                what: `环境 \`${config.environment}\` 没有受保护。`,
                why: '与受保护的环境相比，删除数据的操作在那里要求的确认更少。',
                fix: `请在 \`environments.${config.environment}\` 下设置 \`"protected": true\`。`,
              },
            },
          ]
        : [],
  },
  {
    code: 'node-end-of-life',
    severity: 'warning',
    asks: { en: 'Is this version of Node still maintained?', zh: '当前的 Node 版本是否仍在维护？' },
    find: ({ node, now }) => {
      const end = endedOn('node', node, now)
      if (end === null) return []
      return [
        {
          what: `Node ${node} has not been maintained since ${end}.`,
          where: {},
          why: 'Its security vulnerabilities are no longer fixed.',
          fix: 'Install a later LTS version of Node; wwdb runs on 20 and later.',
          zh: {
            what: `Node ${node} 自 ${end} 起不再维护。`,
            why: '其安全漏洞不再修复。',
            fix: '请安装更新的 Node LTS 版本；wwdb 支持 20 及以上。',
          },
        },
      ]
    },
  },
]
