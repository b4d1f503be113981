/** The path of a project's file from the root of the repository, as programs that annotate a change want it. */
export function fromRepositoryRoot(folder: string, file: string): string {
  return folder === '' || file.startsWith('/') || /^[A-Za-z]:/.test(file) ? file : `${folder}/${file}`
}
