/** What the name of every metric begins with. */
export const METRIC_PREFIX = 'kube_x509_authn_';
