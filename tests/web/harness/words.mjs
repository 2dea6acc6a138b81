// What nobody who is verified may read: words that accuse, and names that only programs know.

/** Beginnings of English words, and Chinese ones in simplified and traditional characters. */
const ACCUSING = [
  /\b(suspect|suspic|fraud|fake|deepfake|spoof|attack|impost|impersonat|cheat|crim|forge|deceiv|decept|liar|lying|dishonest|tamper|replay|abus|illegal|unauthori|invalid|reject|refus|fail|mismatch|blacklist|banned|police)/i,
  /\b(not|does ?n[o’']t|did ?n[o’']t) (you|yours?|match)\b|\b(some(one|body)|another person|a different person) else’?s? (face|photo)/i,
  /[骗騙假伪偽罪盗盜]|嫌疑|[怀懷]疑|可疑|欺[诈詐]|冒[充名认認]|攻[击擊]|入侵|作弊|[违違]法|非法|失[败敗]|拒[绝絕]|[报報]警|警察|黑名[单單]/,
  /不匹配|不相?符|不一致|(不是|唔係)(你|您)?(本人|自己)|呃人/,
];

const CODES = [
  /\b[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)+\b/,
  /\b(CANCELLED|UNKNOWN|ABORTED|UNAVAILABLE|INTERNAL|UNIMPLEMENTED|UNAUTHENTICATED)\b/,
  /\b(grpc|http|json|errno|undefined|null|NaN|exception)\b|\[object |\b(error|code|status) ?\d/i,
  /\{\w*\}/, // A place of a text that was not filled in.
];

/** A code may follow words that say whom it is for. */
const FOR_STAFF = /^(For office staff: |给工作人员看：|供職員參考：)\w+$/;

/** Why a text is not fit for people; undefined where it is. */
export function unfit(text) {
  const accusing = ACCUSING.map((words) => words.exec(text)).find(Boolean);
  if (accusing) return `accuses by "${accusing[0]}": ${text}`;
  if (FOR_STAFF.test(text.trim())) return undefined;
  const code = CODES.map((names) => names.exec(text)).find(Boolean);
  return code ? `has the code "${code[0]}": ${text}` : undefined;
}

/** What is wrong with some texts, as lines. */
export const unfitOf = (texts) => [...texts].map(unfit).filter(Boolean);
