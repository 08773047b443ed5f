#version 330
// Light and shadow, shared by all that is drawn; this file stands before each fragment shader.
uniform sampler2DShadow shadow_map;
uniform float shadow_texel;
uniform vec3 light;      // direction towards the key light
uniform float key;
uniform float ambient;

float hash(vec2 p) {
    return fract(sin(dot(p, vec2(12.9898, 78.233))) * 43758.5453);
}

float noise(vec2 p) {
    vec2 cell = floor(p), inner = smoothstep(0.0, 1.0, fract(p));
    return mix(
        mix(hash(cell), hash(cell + vec2(1, 0)), inner.x),
        mix(hash(cell + vec2(0, 1)), hash(cell + vec2(1, 1)), inner.x), inner.y);
}

// The share of the key light that reaches a point, by its place in the light's clip space.
float lit_at(vec4 place) {
    vec3 q = place.xyz / place.w * 0.5 + 0.5;
    vec2 margin = vec2(3.0 * shadow_texel);  // the filter must not reach over the map's edge
    if (any(lessThan(q.xy, margin)) || any(greaterThan(q.xy, 1.0 - margin))) return 1.0;
    float lit = 0.0;
    for (int i = -1; i <= 1; i += 2)
        for (int j = -1; j <= 1; j += 2)
            lit += texture(shadow_map, vec3(q.xy + vec2(i, j) * shadow_texel, q.z - 0.003));
    return lit / 4.0;
}

// The light that a surface sends back: normal, share of the key light, and diffuse strength of it.
vec3 received(vec3 n, float diffuse) {
    vec3 sky = mix(vec3(0.80, 0.76, 0.72), vec3(1.04, 1.06, 1.10), 0.5 + 0.5 * n.y);
    return ambient * sky + key * diffuse * vec3(1.06, 1.0, 0.92);
}

vec3 encoded(vec3 light_in) {
    return pow(clamp(light_in, 0.0, 1.0), vec3(1.0 / 2.2));
}
