// The room as it was drawn when empty, with the person's shadow on it.
uniform sampler2D empty_room;
uniform vec3 feet[2];    // where the feet press on the floor

in vec3 f_normal;
in vec3 f_position;
in vec4 f_light;
out vec4 fragment;

void main() {
    vec4 empty = texelFetch(empty_room, ivec2(gl_FragCoord.xy), 0);
    vec3 n = normalize(f_normal);
    float faced = max(dot(n, light), 0.0);
    float lit = min(lit_at(f_light), empty.a);
    vec3 share = received(n, faced * lit) / received(n, faced * empty.a);
    if (n.y > 0.9 && f_position.y < 0.05)
        for (int i = 0; i < 2; i++) {
            vec2 d = f_position.xz - feet[i].xz;
            share *= 1.0 - 0.40 * feet[i].y * exp(-dot(d, d) / 0.010);
        }
    fragment = vec4(encoded(pow(empty.rgb, vec3(2.2)) * share), 1.0);
}
