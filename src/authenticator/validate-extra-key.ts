import { type FieldError, invalid, required } from './field-error.ts';

const MAX_SUBDOMAIN_LENGTH = 253;

const SUBDOMAIN = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const WHOLE_HTTP_PATH = new RegExp(`^${HTTP_PATH}$`);

/** A key of the user's extra: a domain-prefixed path in lower case, under no domain of Kubernetes'. */
export function validateExtraKey(path: string, key: string): readonly FieldError[] {
  const errors = [...validateDomainPrefixedPath(path, key)];
  if (key !== key.toLowerCase()) errors.push(invalid(path, key, 'must be lowercase'));
  if (isKubernetesDomain(key)) {
    const detail = 'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use';
    errors.push(invalid(path, key, detail));
  }
  return errors;
}

function validateDomainPrefixedPath(path: string, key: string): readonly FieldError[] {
  if (key === '') return [required(path)];
  const slash = key.indexOf('/');
  const [domain, rest] = [key.slice(0, Math.max(slash, 0)), key.slice(slash + 1)];
  if (slash < 0 || domain === '' || rest === '') {
    return [invalid(path, key, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  const errors = subdomainFaults(domain).map((fault) => invalid(path, domain, fault));
  if (!WHOLE_HTTP_PATH.test(rest)) {
    errors.push(invalid(path, rest, `Invalid path (regex used for validation is '${HTTP_PATH}')`));
  }
  return errors;
}

/** RFC 1123 §2.1 in Kubernetes' words. */
function subdomainFaults(domain: string): readonly string[] {
  const faults: string[] = [];
  if (Buffer.byteLength(domain) > MAX_SUBDOMAIN_LENGTH) {
    faults.push(`must be no more than ${MAX_SUBDOMAIN_LENGTH} characters`);
  }
  if (!isSubdomain(domain)) {
    faults.push(
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and " +
        `end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`,
    );
  }
  return faults;
}

/** Label by label: the pattern in the message takes a backtracking matcher exponential time. */
function isSubdomain(domain: string): boolean {
  return domain
    .split('.')
    .every((label) => /^[a-z0-9-]+$/.test(label) && !label.startsWith('-') && !label.endsWith('-'));
}

function isKubernetesDomain(key: string): boolean {
  const slash = key.indexOf('/');
  const domain = slash < 0 ? '' : key.slice(0, slash);
  return ['kubernetes.io', 'k8s.io'].some((own) => domain === own || domain.endsWith(`.${own}`));
}
