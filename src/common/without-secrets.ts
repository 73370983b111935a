/** As long as names are: hostile words are read in one go. */
const PART = String.raw`[\w-]{0,100}`;
/** What is given a secret, as environments, options and configurations spell it; not the exceptions that are named after one. */
const NAME = String.raw`(?!${PART}(?:Error|Exception|Warning)(?![\w-]))${PART}(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|[_-](?:PASS|PWD)\b|\w[_-]?KEY)${PART}`;
const START = String.raw`(?<![\w-])`;
/** Quoted, also within a text that is quoted itself or cut off, or up to the next blank. */
const VALUE = String.raw`(?:\\+"[^"\\]*\\*"?|"[^"]*"?|'[^']*'?|\S+)`;
const SCHEME = '(?:Basic|Bearer|Digest|Negotiate|token)';

/** What looks like a credential in last words; a container's output is not ours to trust. What stays is captured. */
const SECRETS = new RegExp(
  [
    // Docker Hub: `may require authorization: server message: insufficient_scope`.
    String.raw`(${START}Authorization\\*["']?\s*[=:]\s*)(?!server message)(?:${SCHEME}\s+\S+|${VALUE})`,
    String.raw`(${START}${NAME}\\*["']?\s*[=:]\s*)${VALUE}`,
    // Of a Secret's key, which is no secret, kubelets say `key: name`.
    String.raw`(${START}KEY(?:=|\\*["']\s*[=:]\s*))${VALUE}`,
    String.raw`(${START}--${NAME}\s+)${VALUE}`,
    String.raw`(\bBearer\s+)\S+`,
    String.raw`(\bBasic\s+)(?=\S*[\d=])[\w+/-]{8,}=*`,
    String.raw`(:\/\/)[^\s/@]+(?=@)`,
    String.raw`([?&]${PART}sig(?:nature)?=)[^\s&"']+`,
    String.raw`\bgt-[\w.-]+|${START}eyJ[\w-]{8,8000}\.[\w-]{8,8000}\.[\w-]{0,8000}`,
  ].join('|'),
  'gi',
);

/** `words` without what looks like a credential. */
export function withoutSecrets(words: string): string {
  // After what is captured, `replace` passes the place and the whole text.
  return words.replace(SECRETS, (_all, ...passed: unknown[]) => {
    const stays = passed.slice(0, -2).find((group) => typeof group === 'string') ?? '';
    return `${stays}…`;
  });
}
