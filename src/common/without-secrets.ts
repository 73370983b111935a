/** What looks like a credential in last words; a container's output is not ours to trust. */
const SECRETS =
  /(\b[\w-]*(?:TOKEN|SECRET|PASSWORD|KEY|CREDENTIAL)[\w-]*["']?\s*[=:]\s*)(?:"[^"]*"|'[^']*'|\S+)|(\bBearer\s+)\S+|(:\/\/)[^\s/@]+(?=@)|\bgt-[\w.-]+/gi;

/** `words` without what looks like a credential. */
export function withoutSecrets(words: string): string {
  return words.replace(
    SECRETS,
    (_all, name?: string, bearer?: string, url?: string) => `${name ?? bearer ?? url ?? ''}…`,
  );
}
