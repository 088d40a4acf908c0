/** Licences that what we install may have. The LGPL is that of libvips, which sharp loads as a shared library of its own package. */
const allowed = new Set([
  ...[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Python-2.0",
  ],
  ...["Unicode-3.0", "Unlicense", "Zlib", "LGPL-3.0-or-later"],
]);

/** Whether a licence expression of SPDX leaves a way that is allowed. */
export function isAllowed(expression) {
  const plain = expression.replace(/[()]/g, " ");
  return plain.split(/\bOR\b/).some((way) => way.split(/\bAND\b/).every((it) => allowed.has(it.trim())));
}

/** The licence of a component as one expression, or undefined. */
export function licenceOf({ licenses = [] }) {
  const names = licenses.map((it) => it.expression ?? it.license?.id ?? it.license?.name);
  return names.length ? names.map((it) => (names.length > 1 ? `(${it})` : it)).join(" AND ") : undefined;
}

/** What is wrong with the licences of an SBOM, a sentence each. */
export function faultsOfLicences({ components }) {
  return components.flatMap((component) => {
    const licence = licenceOf(component);
    const name = `${component.group ? `${component.group}/` : ""}${component.name}@${component.version}`;
    if (licence === undefined) return [`${name} states no licence`];
    return isAllowed(licence) ? [] : [`${name} has the licence ${licence}`];
  });
}

/**
 * An SBOM of npm without what differs between two makings or tells of this machine: its serial number, its time, and the places of our own tarballs.
 */
export function plainSbom({ serialNumber: _serial, metadata, components, ...rest }) {
  const { timestamp: _time, ...told } = metadata;
  const local = ({ url }) => /^file:|^\.{0,2}\//.test(url);
  return {
    ...rest,
    metadata: told,
    components: components
      .map(({ externalReferences, properties, ...component }) => ({
        ...component,
        ...(externalReferences ? { externalReferences: externalReferences.filter((it) => !local(it)) } : {}),
        ...(properties ? { properties } : {}),
      }))
      .sort((a, b) => (a["bom-ref"] < b["bom-ref"] ? -1 : 1)),
  };
}
