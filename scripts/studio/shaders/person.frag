// Kinds of material, as in wardrobe.Kind.
const int SKIN = 0, SHIRT = 1, TROUSERS = 2, HAIR = 3, EYE = 4;

uniform vec3 eye;        // the camera
uniform vec3 hair_colour;
uniform vec3 iris_colour;
// The cut of the clothes on the body at rest; the left side stands for both.
uniform vec3 shoulder;
uniform vec3 arm_axis;
uniform float sleeve;
uniform vec4 neck;       // centre and radius of the neckline
uniform vec3 hems;       // heights of hem, waist and cuff
uniform vec3 eye_rest;

in vec3 f_normal;
in vec3 f_colour;
in vec3 f_material;
in vec3 f_rest;
in vec3 f_position;
in vec4 f_light;
out vec4 fragment;

// Metres inside the shirt, negative outside.
float inside_shirt(vec3 p, bool arm) {
    vec3 q = vec3(abs(p.x), p.yz);
    float inside = length(q - neck.xyz) - neck.w;
    inside = min(inside, neck.y + 0.005 - q.y);
    inside = min(inside, q.y - hems.x);
    return arm ? min(inside, sleeve - dot(q - shoulder, arm_axis)) : inside;
}

float inside_trousers(vec3 p) {
    return abs(p.x) > 0.30 ? -1.0 : min(hems.y - p.y, p.y - hems.z);
}

vec3 skin(vec3 base) {
    vec3 q = vec3(abs(f_rest.x), f_rest.yz) - eye_rest;
    vec3 colour = mix(base, base * vec3(0.80, 0.42, 0.42), smoothstep(0.2, 0.8, f_material.z));
    if (q.z > -0.02) {
        float along = q.x + 0.002;
        float height = q.y - 0.0225 + 9.0 * along * along - 0.10 * along;
        float thick = mix(0.0042, 0.0022, smoothstep(0.0, 0.024, along));
        float brow = (1.0 - smoothstep(thick * 0.7, thick * 1.3, abs(height)))
            * smoothstep(-0.021, -0.015, along) * (1.0 - smoothstep(0.018, 0.026, along));
        colour = mix(colour, hair_colour, brow * 0.85);
        float cheek = exp(-dot(q + vec3(-0.008, 0.045, 0), q + vec3(-0.008, 0.045, 0)) / 0.0006);
        colour = mix(colour, base * vec3(1.02, 0.80, 0.78), cheek * 0.5);
    }
    return colour;
}

void main() {
    int kind = int(f_material.x + 0.5);
    vec3 n = normalize(f_normal);
    vec3 view = normalize(eye - f_position);
    vec3 colour = f_colour;
    float gloss = f_material.y;
    bool arm = f_material.z < -0.5;

    if (kind == SKIN) {
        if (max(inside_shirt(f_rest, arm), inside_trousers(f_rest)) > 0.014) discard;
        colour = skin(colour);
    } else if (kind == SHIRT) {
        float inside = inside_shirt(f_rest, arm);
        if (inside < 0.0) discard;
        colour *= mix(0.72, 1.0, smoothstep(0.006, 0.010, inside));
        colour *= 0.96 + 0.08 * noise(f_rest.xy * 40.0);
    } else if (kind == TROUSERS) {
        if (inside_trousers(f_rest) < 0.0) discard;
        colour *= 0.97 + 0.06 * noise(f_rest.xy * 40.0);
    } else if (kind == HAIR) {
        float strand = noise(vec2(atan(f_rest.x, f_rest.z - 0.04) * 38.0, f_rest.y * 22.0));
        if (f_material.z + 0.20 * (strand - 0.5) < 0.5) discard;
        colour *= 0.70 + 0.60 * strand;
    } else if (kind == EYE) {
        float r = f_material.z;
        colour = mix(iris_colour, colour, smoothstep(0.0062, 0.0072, r));
        colour = mix(vec3(0.01), colour, smoothstep(0.0028, 0.0036, r));
    }
    if (!gl_FrontFacing) n = -n;  // the inside of a sleeve

    float lit = lit_at(f_light);
    float diffuse = max((dot(n, light) + 0.15) / 1.15, 0.0) * lit;
    float shine = pow(max(dot(n, normalize(light + view)), 0.0), 28.0) * lit * gloss * 0.22;
    float rim = 0.10 * pow(1.0 - max(dot(n, view), 0.0), 3.0);
    fragment = vec4(encoded(colour * (received(n, diffuse) + rim) + shine), 1.0);
}
