const MAX_LABEL_LENGTH = 63;
const MAX_SUBDOMAIN_LENGTH = 253;
/** The API's own limit on UIDs in a PodCertificateRequest. */
const MAX_UID_LENGTH = 128;

/** Whether Kubernetes allows this name for a namespace: an RFC 1123 label. */
export function isNamespaceName(text: string): boolean {
  return text.length <= MAX_LABEL_LENGTH && isLabel(text);
}

/** Whether Kubernetes allows this name for a service account, a pod or a node: an RFC 1123 subdomain. */
export function isObjectName(text: string): boolean {
  return text.length <= MAX_SUBDOMAIN_LENGTH && text.split('.').every(isLabel);
}

/** Whether a text can be an object's UID: opaque to Kubernetes; here printable ASCII without spaces, so that it stays one word in a log. */
export function isObjectUid(text: string): boolean {
  return text.length <= MAX_UID_LENGTH && /^[\x21-\x7e]+$/.test(text);
}

/** Of any length: in Kubernetes the labels of a subdomain have no limit of their own. */
function isLabel(text: string): boolean {
  return /^[a-z0-9-]+$/.test(text) && !text.startsWith('-') && !text.endsWith('-');
}
