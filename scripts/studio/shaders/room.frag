// The empty room, drawn once for each scene; alpha keeps how far the key light reaches.
const int FLOOR = 5, WALL = 6;  // as in wardrobe.Kind

in vec3 f_normal;
in vec3 f_colour;
in vec3 f_material;
in vec3 f_position;
in vec4 f_light;
out vec4 fragment;

void main() {
    int kind = int(f_material.x + 0.5);
    vec3 n = normalize(f_normal);
    vec3 colour = f_colour;
    if (kind == FLOOR) {
        float plank = floor(f_position.x * 7.0);
        float board = floor(f_position.z * 0.9 + 3.0 * hash(vec2(plank, 2.0)));
        float grain = noise(vec2(f_position.x * 90.0, f_position.z * 5.0 + 17.0 * plank));
        colour *= 0.86 + 0.20 * hash(vec2(plank, board)) + 0.07 * (grain - 0.5);
        float seam = abs(fract(f_position.x * 7.0) - 0.5);
        colour *= 1.0 - 0.25 * smoothstep(0.485, 0.497, seam);
    } else if (kind == WALL) {
        float up = clamp(f_position.y / 2.6, 0.0, 1.0);
        colour *= 0.90 + 0.12 * up;
    }
    float lit = lit_at(f_light);
    fragment = vec4(encoded(colour * received(n, max(dot(n, light), 0.0) * lit)), lit);
}
